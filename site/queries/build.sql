-- Which build made this warehouse, and what was it told to use?
select
    strftime(finished_at at time zone 'UTC', '%Y-%m-%d %H:%M') as built_at,
    as_of,
    end_session
from meta.build
order by built_at
