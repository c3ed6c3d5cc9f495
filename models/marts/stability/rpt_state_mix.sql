with

shares as (

    select * from {{ ref('rpt_state_shares') }}

),

variants as (

    select * from {{ ref('dim_variants') }}

),

runs as (

    select
        variant_id,
        year,
        coalesce(max(case when state = 'TREND' then share end), 0) as pct_trend,
        coalesce(max(case when state = 'MEANREV' then share end), 0) as pct_meanrev,
        coalesce(max(case when state = 'CASH' then share end), 0) as pct_cash
    from shares
    group by variant_id, year

),

beside_base as (

    select
        runs.variant_id,
        runs.year,
        runs.pct_trend,
        runs.pct_meanrev,
        runs.pct_cash,
        runs.pct_trend - base.pct_trend as pct_trend_change,
        runs.pct_meanrev - base.pct_meanrev as pct_meanrev_change,
        runs.pct_cash - base.pct_cash as pct_cash_change
    from runs
    inner join variants
        on runs.variant_id = variants.variant_id
    left join runs as base
        on
            variants.base_variant_id = base.variant_id
            and runs.year = base.year

),

final as (

    select
        {{ cast_columns() }}
    from beside_base

)

select * from final
