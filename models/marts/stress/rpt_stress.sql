with

scenarios as (

    select * from {{ ref('int_stress__scenarios') }}

),

paths as (

    select * from {{ ref('int_stress__bootstrap') }}

),

performance as (

    select * from {{ ref('rpt_performance') }}

),

medians as (

    select
        variant_id,
        scenario_id,
        true as is_covered,
        percentile_cont(0.5) within group (order by sharpe) as sharpe,
        percentile_cont(0.5) within group (order by total_return) as total_return,
        percentile_cont(0.5) within group (order by max_drawdown) as max_drawdown
    from paths
    group by variant_id, scenario_id

),

resampled as (

    select
        medians.variant_id,
        medians.scenario_id,
        medians.is_covered,
        medians.sharpe,
        medians.total_return,
        medians.max_drawdown,
        medians.sharpe - performance.sharpe as sharpe_change,
        medians.total_return - performance.total_return as total_return_change,
        medians.max_drawdown - performance.max_drawdown as max_drawdown_change
    from medians
    inner join performance
        on medians.variant_id = performance.variant_id

),

stressed as (

    select * from scenarios
    union all
    select * from resampled

),

final as (

    select
        {{ cast_columns() }}
    from stressed

)

select * from final
