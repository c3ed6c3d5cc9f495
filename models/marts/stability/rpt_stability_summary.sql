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
        max(sharpe) - min(sharpe) as sharpe_spread,
        min(max_drawdown) as max_drawdown_worst,
        min(state_agreement) as state_agreement_min
    from grouped
    group by base_variant_id, kind, parameter

),

final as (

    select
        {{ cast_columns() }}
    from summarised

)

select * from final
