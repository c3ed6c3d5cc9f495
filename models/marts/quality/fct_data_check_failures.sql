with

failures as (

    select * from {{ ref('int_checks__failures') }}

),

final as (

    select
        cast(check_id as varchar) as check_id,
        cast(symbol as varchar) as symbol,
        cast(session_date as date) as session_date,
        cast(observed as double) as observed,
        cast(detail as varchar) as detail,
        cast(severity as varchar) as severity,
        cast(threshold as double) as threshold,
        cast(way_out as varchar) as way_out
    from failures

)

select * from final
