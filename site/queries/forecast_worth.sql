-- Is a higher forecast followed by a higher return? All assets together, out of sample.
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

)

select
    count(*) as sessions,
    round(corr(prediction, next_return), 6) as forecast_correlation
from forecasts
where
    prediction is not null
    and next_return is not null
order by sessions
