-- How do the two core variants stand beside the benchmarks, over the sessions of each? Rounded, because a sum
-- of doubles differs in its last bits with the number of threads.
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
    where benchmark_id != 'cash'

),

growing as (

    select
        *,
        exp(sum(ln(1 + net_return)) over (partition by series order by session_date)) as equity
    from daily

),

falling as (

    select
        *,
        equity / greatest(1, max(equity) over (partition by series order by session_date)) - 1 as drawdown
    from growing

)

select
    series,
    round(sharpe(net_return), 9) as sharpe,
    round(max_by(equity, session_date) - 1, 9) as total_return,
    round(power(max_by(equity, session_date), 252 / count(*)) - 1, 9) as annual_return,
    round(annual_volatility(net_return), 9) as annual_volatility,
    round(min(drawdown), 9) as max_drawdown,
    min(session_date) as first_session,
    count(*) as sessions
from falling
group by series
order by sharpe desc, series asc
