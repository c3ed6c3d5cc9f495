-- How did each strategy of `baseline` do out of sample, over all assets?
with

years as (

    select
        strategy,
        count(*) as folds,
        count(distinct symbol) as assets,
        median(sharpe) as sharpe_median,
        round(avg(case when sharpe > 0 then 1.0 else 0.0 end), 6) as share_gained
    from marts.rpt_walkforward_strategy
    where variant_id = 'baseline'
    group by strategy

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
    years.* exclude (strategy),
    time_in.days_in_market,
    trades.* exclude (strategy)
from marts.dim_strategies as strategies
inner join years
    on strategies.strategy = years.strategy
inner join time_in
    on strategies.strategy = time_in.strategy
inner join trades
    on strategies.strategy = trades.strategy
order by strategies.strategy
