-- Which sessions and assets do the bars in use reach over?
select
    min(first_session) as first_session,
    max(last_session) as last_session,
    count(*) as assets
from marts.dim_assets
order by first_session
