with

bars as (

    select * from {{ ref('int_bars__aligned') }}

),

numbered as (

    select
        symbol,
        session_date,
        cast(year(session_date) as integer) as year,
        row_number() over by_symbol as session_number,
        first_value(session_date) over by_symbol as first_session,
        lag(session_date) over by_symbol as previous_session
    from bars
    window by_symbol as (partition by symbol order by session_date)

),

years as (

    select
        symbol,
        year,
        min(session_number) - 1 as train_sessions,
        min(first_session) as first_session,
        min(case when year(previous_session) < year then previous_session end) as train_last,
        count(*) as test_sessions
    from numbered
    group by symbol, year

),

final as (

    select
        symbol,
        year,
        case when train_sessions > 0 then first_session end as train_first,
        train_last,
        train_sessions,
        test_sessions
    from years

)

select * from final
