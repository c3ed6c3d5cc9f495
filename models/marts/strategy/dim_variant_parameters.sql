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

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(parameter as varchar) as parameter,
        cast(parameters ->> parameter as varchar) as value,
        try_cast(parameters ->> parameter as double) as number
    from with_names

)

select * from final
