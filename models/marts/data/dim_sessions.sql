with

sessions as (

    select * from {{ ref('int_sessions__panel') }}

),

final as (

    select
        cast(session_date as date) as session_date,
        cast(year as integer) as year,
        cast(is_early_close as boolean) as is_early_close
    from sessions

)

select * from final
