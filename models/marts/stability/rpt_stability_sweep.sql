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
        {{ variant_value('trend_mom20_min') }},
        {{ variant_value('meanrev_mom20_max') }}
    from variants

),

final as (

    select
        cast(variants.variant_id as varchar) as variant_id,
        cast(variants.base_variant_id as varchar) as base_variant_id,
        cast(variants.kind as varchar) as kind,
        cast(variants.parameter as varchar) as parameter,
        cast(variants.value as double) as value,
        cast(variants.trend_mom20_min as double) as trend_mom20_min,
        cast(variants.meanrev_mom20_max as double) as meanrev_mom20_max,
        cast(runs.sharpe as double) as sharpe,
        cast(runs.total_return as double) as total_return,
        cast(runs.max_drawdown as double) as max_drawdown,
        cast(runs.avg_leverage as double) as avg_leverage,
        cast(runs.annual_turnover as double) as annual_turnover,
        cast(runs.state_agreement as double) as state_agreement
    from with_limits as variants
    inner join runs
        on variants.variant_id = runs.variant_id

)

select * from final
