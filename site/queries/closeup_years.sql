-- Which years can be looked at closely? The last ones in the portfolio's sessions: six where there are few
-- assets, fewer where there are many, so that the page stays small.
with

years as (

    select distinct year(session_date) as year
    from marts.fct_portfolio_daily
    where variant_id = 'baseline'

)

select
    max(year) over () - year as years_back,
    cast(year as varchar) as label,
    year
from years
qualify years_back < (select greatest(2, least(6, 18 // count(*))) from marts.dim_assets)
order by years_back
