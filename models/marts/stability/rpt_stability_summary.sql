with

sweep as (

    select * from {{ ref('rpt_stability_sweep') }}

),

grouped as (

    select
        base_variant_id,
        kind,
        case when kind = 'one_at_a_time' then parameter else 'all' end as parameter,
        sharpe,
        max_drawdown,
        state_agreement
    from sweep

),

summarised as (

    select
        base_variant_id,
        kind,
        parameter,
        count(*) as runs,
        min(sharpe) as sharpe_min,
        percentile_cont(0.5) within group (order by sharpe) as sharpe_median,
        max(sharpe) as sharpe_max,
        min(max_drawdown) as max_drawdown_worst,
        min(state_agreement) as state_agreement_min
    from grouped
    group by base_variant_id, kind, parameter

),

final as (

    select
        cast(base_variant_id as varchar) as base_variant_id,
        cast(kind as varchar) as kind,
        cast(parameter as varchar) as parameter,
        cast(runs as bigint) as runs,
        cast(sharpe_min as double) as sharpe_min,
        cast(sharpe_median as double) as sharpe_median,
        cast(sharpe_max as double) as sharpe_max,
        cast(max_drawdown_worst as double) as max_drawdown_worst,
        cast(state_agreement_min as double) as state_agreement_min,
        cast(sharpe_max - sharpe_min as double) as sharpe_spread
    from summarised

)

select * from final
