with

stated as (

    select * from {{ source('own', 'variant_parameters') }}

),

final as (

    select
        variant_id,
        parameter,
        value,
        place
    from stated

)

select * from final
