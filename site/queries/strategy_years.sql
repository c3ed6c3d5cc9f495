-- What did each strategy of `baseline` earn out of sample, by asset and year? Of more than eight assets, the
-- first eight.
with

assets as (

    select symbol
    from marts.dim_assets
    order by sessions desc, symbol asc
    limit 8

)

select
    years.strategy,
    years.symbol,
    years.year,
    folds.test_sessions as sessions,
    years.sharpe,
    years.total_return,
    years.max_drawdown,
    years.days_in_market
from marts.rpt_walkforward_strategy as years
inner join assets
    on years.symbol = assets.symbol
inner join marts.dim_folds as folds
    on
        years.symbol = folds.symbol
        and years.year = folds.year
where years.variant_id = 'baseline'
order by years.strategy, years.symbol, years.year
