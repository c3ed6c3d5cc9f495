with

named as (

    select
        variant_id,
        parameters
    from {{ ref('int_variants__resolved') }}

),

perturbed as (

    select
        variant_id,
        parameters
    from {{ ref('int_variants__perturbed') }}

),

variants as (

    select * from named
    union all
    select * from perturbed

),

with_names as (

    select
        variant_id,
        parameters,
        unnest(json_keys(parameters)) as parameter
    from variants

),

with_values as (

    select
        variant_id,
        parameter,
        parameters ->> parameter as value,
        try_cast(parameters ->> parameter as double) as number
    from with_names

),

final as (

    select
        {{ cast_columns() }}
    from with_values

)

select * from final
