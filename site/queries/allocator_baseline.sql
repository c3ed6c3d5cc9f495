-- How does `baseline` spend its time, over all assets, and how often does it change its mind?
with

states as (

    select
        state,
        coalesce(lag(state) over (partition by symbol order by session_date), '') != state as is_change
    from marts.fct_allocator_daily
    where variant_id = 'baseline'

)

select
    count(*) filter (where state = 'TREND') / count(*) as pct_trend,
    count(*) filter (where state = 'MEANREV') / count(*) as pct_meanrev,
    count(*) filter (where state = 'CASH') / count(*) as pct_cash,
    count(*) / count(*) filter (where is_change) as mean_spell
from states
order by pct_trend
