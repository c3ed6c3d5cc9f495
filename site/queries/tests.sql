-- Which tests guard each layer, and how did they end? A test that reads tables of two layers guards both.
with

patterns as (

    select
        known.layer,
        unnest(known.tables) as pattern
    from (
        values
        ('anchor_audit', ['check_anchor_%', 'rpt_data_audit']),
        ('layer_strategy', ['dim_strategies', 'dim_variants', 'fct_strategy_daily', 'fct_trades']),
        ('layer_strategy', ['fct_trend_models', 'rpt_walkforward_strategy', 'int_strategy_%']),
        ('layer_strategy', ['strategies', 'variants', 'int_variants_%']),
        ('layer_allocator', ['fct_allocator_daily', 'rpt_walkforward_allocator', 'int_allocator__daily']),
        ('layer_allocator', ['int_allocator__by_year']),
        ('layer_portfolio', ['fct_holdings_daily', 'fct_portfolio_daily', 'rpt_convention_bridge', 'bridge']),
        ('layer_portfolio', ['rpt_current_positions', 'rpt_performance', 'rpt_walkforward_portfolio']),
        ('layer_portfolio', ['int_portfolio_%', 'int_allocator__executability']),
        ('layer_stress', ['dim_scenarios', 'scenarios', 'failure_modes', 'fct_benchmark_daily']),
        ('layer_stress', ['fct_bootstrap_paths', 'fct_drawdown_episodes', 'rpt_drawdown_attribution']),
        ('layer_stress', ['rpt_failure_modes', 'rpt_generalisation', 'rpt_overfitting', 'rpt_stress']),
        ('layer_stress', ['int_benchmarks_%', 'int_drawdowns_%', 'int_stress_%']),
        ('layer_stress', ['int_overfitting__in_sample']),
        ('layer_stability', ['rpt_stability_%', 'rpt_state_mix', 'rpt_verdicts', 'sweeps', 'verdict_rules']),
        ('layer_stability', ['int_sweep_%', 'int_overfitting__statistics'])
    ) as known (layer, tables)

),

tables as (

    select
        test_name,
        status,
        unnest(string_split(tested, ', ')) as tested
    from meta.test_results

),

layers as (

    select
        coalesce(patterns.layer, 'layer_data') as layer,
        tables.test_name,
        max(tables.status) as status
    from tables
    left join patterns
        on tables.tested like patterns.pattern
    group by coalesce(patterns.layer, 'layer_data'), tables.test_name

)

select
    layer,
    test_name,
    status,
    count(*) filter (where status = 'pass') over (partition by layer) as passed,
    count(*) filter (where status in ('fail', 'error')) over (partition by layer) as failed,
    count(*) filter (where status = 'warn') over (partition by layer) as warned
from layers
order by layer, test_name
