with

set_aside as (

    select * from {{ ref('int_checks__set_aside') }}

),

final as (

    select
        cast(symbol as varchar) as symbol,
        cast(check_id as varchar) as check_id,
        cast(sessions as bigint) as sessions,
        cast(first_session as date) as first_session,
        cast(last_session as date) as last_session,
        cast(message as varchar) as message,
        cast(way_out as varchar) as way_out,
        cast(is_whole_symbol as boolean) as is_whole_symbol
    from set_aside

)

select * from final
