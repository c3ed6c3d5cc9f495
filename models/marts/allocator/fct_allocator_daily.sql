with

allocator_daily as (

    select * from {{ ref('int_allocator__daily') }}

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(symbol as varchar) as symbol,
        cast(session_date as date) as session_date,
        cast(state as varchar) as state,
        cast(exposure as double) as exposure,
        cast(net_return as double) as net_return,
        cast(leverage as double) as leverage,
        cast(target_return as double) as target_return
    from allocator_daily
    where is_reported

)

select * from final
