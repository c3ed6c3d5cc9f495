with

stated as (

    select * from {{ source('own', 'variants') }}

),

final as (

    select
        variant_id,
        family,
        detail,
        base_variant_id,
        description,
        place
    from stated

)

select * from final
