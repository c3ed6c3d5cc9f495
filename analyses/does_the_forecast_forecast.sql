-- Does the trend model's forecast tell the next five sessions' return? By quintile of the forecast.
with

forecasts as (

    select
        strategy.prediction,
        lead(bars.adj_close, 5) over (partition by bars.symbol order by bars.session_date)
        / bars.adj_close - 1 as next_ret_5d
    from marts.fct_bars_daily as bars
    inner join marts.fct_strategy_daily as strategy
        on
            bars.symbol = strategy.symbol
            and bars.session_date = strategy.session_date
            and strategy.variant_id = 'baseline'
            and strategy.strategy = 'trend'

),

ranked as (

    select
        *,
        ntile(5) over (order by prediction) as quintile
    from forecasts
    where
        prediction is not null
        and next_ret_5d is not null

)

select
    quintile,
    count(*) as sessions,
    avg(prediction) as mean_forecast,
    avg(next_ret_5d) as mean_return
from ranked
group by quintile
order by quintile
