{%- set others = ['variant_id', 'family', 'detail', 'base_variant_id', 'description', 'is_executable'] -%}
with

named as (

    select
        variant_id,
        family,
        detail,
        base_variant_id,
        description,
        parameters
    from {{ ref('int_variants__resolved') }}

),

perturbed as (

    select
        variant_id,
        family,
        detail,
        base_variant_id,
        description,
        parameters
    from {{ ref('int_variants__perturbed') }}

),

variants as (

    select * from named
    union all
    select * from perturbed

),

with_values as (

    select
        variant_id,
        family,
        detail,
        base_variant_id,
        description,
        {{ variant_values(others) }},
        parameters ->> '$.cost_basis' = 'net' as is_executable
    from variants

),

final as (

    select
        {{ cast_columns() }}
    from with_values

)

select * from final
