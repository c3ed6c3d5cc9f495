-- What became of 1, week by week: the system as it could be traded, as it was published, and what it has to
-- beat? Of the assets only one is shown held: the index, where there is one.
with

daily as (

    select
        variant_id as series,
        session_date,
        net_return
    from marts.fct_portfolio_daily
    where variant_id in ('baseline', 'published')
    union all
    select
        benchmark_id as series,
        session_date,
        net_return
    from marts.fct_benchmark_daily
    where
        benchmark_id in ('always_long', 'equal_weight')
        or benchmark_id = (
            select 'buy_and_hold_' || assets.symbol
            from marts.dim_assets as assets
            order by assets.symbol in ('SPY', '^GSPC') desc, assets.symbol asc
            limit 1
        )

),

growing as (

    select
        series,
        session_date,
        exp(sum(ln(1 + net_return)) over (partition by series order by session_date)) as equity
    from daily

)

select
    series,
    session_date,
    round(equity, 4) as equity
from growing
qualify session_date = max(session_date) over (partition by series, date_trunc('week', session_date))
order by
    array_position(['baseline', 'published', 'always_long', 'equal_weight'], series) nulls last,
    series,
    session_date
