with

performance as (

    select * from {{ ref('int_portfolio__performance') }}

),

variants as (

    select * from {{ ref('dim_variants') }}

),

with_variants as (

    select
        performance.*,
        variants.is_executable
    from performance
    inner join variants
        on performance.variant_id = variants.variant_id

),

final as (

    select
        {{ cast_columns() }}
    from with_variants

)

select * from final
