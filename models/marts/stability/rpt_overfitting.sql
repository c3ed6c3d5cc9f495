with

statistics as (

    select * from {{ ref('int_overfitting__statistics') }}

),

variants as (

    select * from {{ ref('dim_variants') }}

),

with_variants as (

    select
        statistics.*,
        variants.is_executable
    from statistics
    left join variants
        on statistics.subject = variants.variant_id

),

final as (

    select
        {{ cast_columns() }}
    from with_variants

)

select * from final
