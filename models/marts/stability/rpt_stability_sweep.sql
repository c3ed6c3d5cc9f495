with

variants as (

    select * from {{ ref('int_variants__perturbed') }}

),

runs as (

    select * from {{ ref('int_sweep__runs') }}

),

-- The measures of a run stand on each of its years.
measures as (

    select distinct
        variant_id,
        sharpe,
        total_return,
        max_drawdown,
        avg_leverage,
        annual_turnover,
        state_agreement
    from runs

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
        cast(measures.sharpe as double) as sharpe,
        cast(measures.total_return as double) as total_return,
        cast(measures.max_drawdown as double) as max_drawdown,
        cast(measures.avg_leverage as double) as avg_leverage,
        cast(measures.annual_turnover as double) as annual_turnover,
        cast(measures.state_agreement as double) as state_agreement
    from variants
    inner join measures
        on variants.variant_id = measures.variant_id

)

select * from final
