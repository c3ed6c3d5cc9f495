-- How did each variant and benchmark grow, fall and borrow, week by week? Benchmarks have no leverage of
-- their own. Of more than eight assets that are merely held, the first eight.
with

assets as (

    select 'buy_and_hold_' || symbol as benchmark_id
    from marts.dim_assets
    order by sessions desc, symbol asc
    limit 8

),

portfolio as (

    select
        variant_id as series,
        session_date,
        equity,
        drawdown,
        leverage
    from marts.fct_portfolio_daily

),

growing as (

    select
        benchmark_id as series,
        session_date,
        exp(sum(ln(1 + net_return)) over (partition by benchmark_id order by session_date)) as equity
    from marts.fct_benchmark_daily
    where
        benchmark_id in ('always_long', 'equal_weight')
        or benchmark_id in (select assets.benchmark_id from assets)

),

benchmarks as (

    select
        *,
        equity / greatest(1, max(equity) over (partition by series order by session_date)) - 1 as drawdown,
        null as leverage
    from growing

),

final as (

    select * from portfolio
    union all
    select * from benchmarks

)

select
    series,
    session_date,
    round(equity, 4) as equity,
    round(drawdown, 4) as drawdown,
    round(leverage, 3) as leverage
from final
qualify session_date = max(session_date) over (partition by series, date_trunc('week', session_date))
order by series, session_date
