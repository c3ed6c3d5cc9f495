-- Through which tables did the number come, and how many rows has each?
select
    1 as step,
    'Landing' as stage,
    'raw/BATCH/SYMBOL.parquet' as table_name,
    'What a source said, one file a symbol and batch, never changed.' as what,
    count(distinct concat(batch_id, '/', symbol)) as rows
from raw.bars
union all
select
    2 as step,
    'Raw' as stage,
    'raw.bars' as table_name,
    'A copy of the landing files, every batch.' as what,
    count(*) as rows
from raw.bars
union all
select
    3 as step,
    'Bars' as stage,
    'marts.fct_bars_daily' as table_name,
    'Checked, one row a session and asset, the newest batch first, gaps of a few sessions carried.' as what,
    count(*) as rows
from marts.fct_bars_daily
union all
select
    4 as step,
    'Features' as stage,
    'marts.fct_features_daily' as table_name,
    'What was known at each close: returns, momenta, volatility, drawdown.' as what,
    count(*) as rows
from marts.fct_features_daily
union all
select
    5 as step,
    'Fits' as stage,
    'marts.fct_trend_models' as table_name,
    'The forecast of each asset and year, fitted on the years before it.' as what,
    count(*) as rows
from marts.fct_trend_models
where variant_id = 'baseline'
union all
select
    6 as step,
    'Strategies' as stage,
    'marts.fct_strategy_daily' as table_name,
    'The position of each strategy, in or out.' as what,
    count(*) as rows
from marts.fct_strategy_daily
where variant_id = 'baseline'
union all
select
    7 as step,
    'Allocator' as stage,
    'marts.fct_allocator_daily' as table_name,
    'The state of each asset, and the exposure of the strategy that it names.' as what,
    count(*) as rows
from marts.fct_allocator_daily
where variant_id = 'baseline'
union all
select
    8 as step,
    'Holdings' as stage,
    'marts.fct_holdings_daily' as table_name,
    'Exposure times weight times leverage: what stands in each asset at the close.' as what,
    count(*) as rows
from marts.fct_holdings_daily
where variant_id = 'baseline'
union all
select
    9 as step,
    'Portfolio' as stage,
    'marts.fct_portfolio_daily' as table_name,
    'The return of each session, after costs.' as what,
    count(*) as rows
from marts.fct_portfolio_daily
where variant_id = 'baseline'
union all
select
    10 as step,
    'Result' as stage,
    'marts.rpt_performance' as table_name,
    'The number.' as what,
    count(*) as rows
from marts.rpt_performance
where variant_id = 'baseline'
order by step
