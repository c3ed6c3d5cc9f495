-- Did what a strategy earned in its training set tell what it earned in the year after it? Of more than eight
-- assets, the first eight.
with

assets as (

    select symbol
    from marts.dim_assets
    order by sessions desc, symbol asc
    limit 8

)

select
    ratios.strategy,
    ratios.symbol,
    ratios.year,
    folds.test_sessions as sessions,
    ratios.in_sample_sharpe,
    ratios.out_of_sample_sharpe
from marts.rpt_generalisation as ratios
inner join assets
    on ratios.symbol = assets.symbol
inner join marts.dim_folds as folds
    on
        ratios.symbol = folds.symbol
        and ratios.year = folds.year
order by ratios.strategy, ratios.symbol, ratios.year
