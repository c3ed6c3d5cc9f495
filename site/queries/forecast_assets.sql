-- How good is the trend model's forecast for each asset, out of sample, and what did its fits explain in
-- sample?
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

models as (

    select
        symbol,
        round(avg(r_squared), 8) as mean_r_squared
    from marts.fct_trend_models
    where variant_id = 'baseline'
    group by symbol

)

select
    forecasts.symbol,
    count(*) as sessions,
    round(corr(forecasts.prediction, forecasts.next_return), 6) as forecast_correlation,
    round(sqrt(min(models.mean_r_squared)), 6) as fit_correlation,
    round(avg(forecasts.next_return) filter (where forecasts.prediction > 0), 8) as mean_if_positive,
    round(avg(forecasts.next_return) filter (where forecasts.prediction <= 0), 8) as mean_if_negative,
    round(avg(forecasts.next_return), 8) as mean_any
from forecasts
inner join models
    on forecasts.symbol = models.symbol
where
    forecasts.prediction is not null
    and forecasts.next_return is not null
group by forecasts.symbol
order by forecasts.symbol
