with

checks as (

    select * from {{ ref('data_checks') }}

),

final as (

    select
        cast(check_id as varchar) as check_id,
        cast(description as varchar) as description,
        cast(severity as varchar) as severity,
        cast(threshold as double) as threshold,
        cast(position as integer) as position,
        cast(way_out as varchar) as way_out
    from checks

)

select * from final
