with

perturbed as (

    select * from {{ ref('int_variants__perturbed') }}

),

named as (

    select * from {{ ref('int_variants__resolved') }}
    where detail = 'summary'

),

runs as (

    select * from {{ ref('int_stability__lines') }}

),

variants as (

    select
        variant_id,
        base_variant_id,
        kind,
        parameter,
        value,
        parameters
    from perturbed
    union all
    -- Stated by somebody, to be seen here alone.
    select
        variant_id,
        coalesce(base_variant_id, variant_id) as base_variant_id,
        'variant' as kind,
        null as parameter,
        null as value,
        parameters
    from named

),

with_limits as (

    select
        variant_id,
        base_variant_id,
        kind,
        parameter,
        value,
        parameters ->> '$.trend_mom20_min' as trend_mom20_min,
        parameters ->> '$.meanrev_mom20_max' as meanrev_mom20_max
    from variants

),

measured as (

    select
        variants.*,
        runs.sharpe,
        runs.total_return,
        runs.max_drawdown,
        runs.avg_leverage,
        runs.annual_turnover,
        runs.state_agreement
    from with_limits as variants
    inner join runs
        on variants.variant_id = runs.variant_id

),

final as (

    select
        {{ cast_columns() }}
    from measured

)

select * from final
