with

bars as (

    select * from {{ ref('int_bars__aligned') }}

),

numbered as (

    select
        symbol,
        session_date,
        is_filled,
        cast(year(session_date) as integer) as year,
        row_number() over by_symbol as session_number,
        first_value(session_date) over by_symbol as first_session,
        lag(session_date) over by_symbol as previous_session
    from bars
    window by_symbol as (partition by symbol order by session_date)

),

final as (

    select
        symbol,
        year,
        min(case when session_number > 1 then first_session end) as train_first,
        min(previous_session) as train_last,
        min(session_number) - 1 as train_sessions,
        count(*) as test_sessions
    from numbered
    group by symbol, year
    having count(*) filter (where not is_filled) > 0

)

select * from final
