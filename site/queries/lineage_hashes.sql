-- What was in each public table on the way when the build was published, and how did the tests that read
-- it end? A hash is of the whole content, in the order of the key; the same inputs give the same hash on
-- any machine.
with

way as (

    select
        known.place,
        known.table_name
    from (
        values
        (1, 'dim_assets'),
        (2, 'dim_sessions'),
        (3, 'fct_bars_daily'),
        (4, 'fct_features_daily'),
        (5, 'dim_folds'),
        (6, 'dim_strategies'),
        (7, 'dim_variants'),
        (8, 'fct_trend_models'),
        (9, 'fct_strategy_daily'),
        (10, 'fct_allocator_daily'),
        (11, 'fct_holdings_daily'),
        (12, 'fct_portfolio_daily'),
        (13, 'rpt_performance')
    ) as known (place, table_name)

),

tests as (

    select
        status,
        unnest(string_split(tested, ', ')) as table_name
    from meta.test_results

),

counts as (

    select
        table_name,
        count(*) filter (where status = 'pass') as passed,
        count(*) filter (where status in ('fail', 'error')) as failed,
        count(*) filter (where status = 'warn') as warned
    from tests
    group by table_name

)

select
    noted.table_name,
    noted.rows,
    substring(noted.sha256, 1, 16) as sha256,
    coalesce(counts.passed, 0) as passed,
    coalesce(counts.failed, 0) as failed,
    coalesce(counts.warned, 0) as warned
from meta.table_hashes as noted
inner join way
    on noted.table_name = way.table_name
left join counts
    on noted.table_name = counts.table_name
order by way.place
