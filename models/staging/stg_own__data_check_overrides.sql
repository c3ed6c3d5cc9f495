with

stated as (

    select * from {{ source('own', 'data_check_overrides') }}

),

final as (

    select
        check_id,
        symbol,
        severity,
        threshold,
        reason,
        place
    from stated

)

select * from final
