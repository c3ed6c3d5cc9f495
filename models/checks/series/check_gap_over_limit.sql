with

bars as (

    select * from {{ ref('int_checks__series') }}

),

final as (

    select
        symbol,
        session_date,
        cast(session_number - previous_number - 1 as double) as observed,
        (session_number - previous_number - 1) || ' sessions without a usable bar after ' || previous_session
        || '; at most {{ var("max_filled_sessions") | int }} are carried' as detail
    from bars
    where session_number - previous_number - 1 > {{ var('max_filled_sessions') | int }}

)

select * from final
