-- Does the trend model's forecast tell the next five sessions' return, out of sample? By decile of the
-- forecast, all assets together. The interval counts every fifth session only, as the returns overlap.
with

forecasts as (

    select
        bars.symbol,
        bars.session_date,
        strategy.prediction,
        lead(bars.adj_close, 5) over (partition by bars.symbol order by bars.session_date)
        / bars.adj_close - 1 as next_return
    from marts.fct_bars_daily as bars
    left join marts.fct_strategy_daily as strategy
        on
            bars.symbol = strategy.symbol
            and bars.session_date = strategy.session_date
            and strategy.variant_id = 'baseline'
            and strategy.strategy = 'trend'

),

ranked as (

    select
        *,
        ntile(10) over (order by prediction, symbol, session_date) as decile,
        avg(next_return) over () as mean_any
    from forecasts
    where
        prediction is not null
        and next_return is not null

)

select
    decile,
    count(*) as sessions,
    round(avg(prediction), 8) as mean_forecast,
    round(avg(next_return), 8) as mean_return,
    round(avg(next_return) - 1.96 * stddev(next_return) / sqrt(count(*) / 5), 8) as return_lower,
    round(avg(next_return) + 1.96 * stddev(next_return) / sqrt(count(*) / 5), 8) as return_upper,
    round(min(mean_any), 8) as mean_any
from ranked
group by decile
order by decile
