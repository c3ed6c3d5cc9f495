-- Over all its sessions, how is the time of an asset spent, how often does the state change, and how long
-- does one last? Of more than eight assets, the first eight.
with

assets as (

    select symbol
    from marts.dim_assets
    order by sessions desc, symbol asc
    limit 8

),

states as (

    select
        variant_id,
        symbol,
        state,
        coalesce(lag(state) over by_asset, '') != state as is_change
    from marts.fct_allocator_daily
    where symbol in (select assets.symbol from assets)
    window by_asset as (partition by variant_id, symbol order by session_date)

)

select
    symbol,
    variant_id,
    count(*) filter (where state = 'TREND') / count(*) as pct_trend,
    count(*) filter (where state = 'MEANREV') / count(*) as pct_meanrev,
    count(*) filter (where state = 'CASH') / count(*) as pct_cash,
    count(*) filter (where is_change) * 252 / count(*) as changes_a_year,
    count(*) / count(*) filter (where is_change) as mean_spell,
    count(*) as sessions
from states
group by symbol, variant_id
order by symbol, variant_id
