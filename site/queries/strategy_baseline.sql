-- How did each strategy of `baseline` do out of sample, over all assets? Test years of
-- at least half the usual sessions; trades of all.
with

years as (

    select
        years.strategy,
        count(*) as folds,
        median(years.sharpe) as sharpe_median,
        round(avg(case when years.total_return > 0 then 1.0 else 0.0 end), 6) as share_gained
    from marts.rpt_walkforward_strategy as years
    inner join marts.dim_folds as folds
        on
            years.symbol = folds.symbol
            and years.year = folds.year
    where
        years.variant_id = 'baseline'
        and folds.test_sessions >= 126
    group by years.strategy

),

time_in as (

    select
        strategy,
        round(avg(case when position > 0 then 1.0 else 0.0 end), 6) as days_in_market
    from marts.fct_strategy_daily
    where variant_id = 'baseline'
    group by strategy

),

trades as (

    select
        strategy,
        count(*) as trades,
        round(avg(case when net_return > 0 then 1.0 else 0.0 end), 6) as hit_rate,
        round(avg(net_return), 8) as mean_trade,
        round(avg(sessions), 6) as mean_sessions
    from marts.fct_trades
    where
        variant_id = 'baseline'
        and exit_date is not null
    group by strategy

)

select
    strategies.strategy,
    strategies.description as rule,
    years.folds,
    years.sharpe_median,
    years.share_gained,
    time_in.days_in_market,
    trades.trades,
    trades.hit_rate,
    trades.mean_trade,
    trades.mean_sessions
from marts.dim_strategies as strategies
inner join years
    on strategies.strategy = years.strategy
inner join time_in
    on strategies.strategy = time_in.strategy
inner join trades
    on strategies.strategy = trades.strategy
order by strategies.strategy
