with

sessions as (

    select * from {{ ref('stg_raw__sessions') }}

),

bars as (

    select * from {{ ref('int_bars__active') }}

),

symbols as (

    select * from {{ ref('int_symbols__in_use') }}

),

span as (

    select
        min(bars.session_date) as first_session,
        max(bars.session_date) as last_session
    from bars
    inner join symbols
        on bars.symbol = symbols.symbol

),

final as (

    select
        sessions.session_date,
        cast(row_number() over (order by sessions.session_date) as bigint) as session_number,
        cast(year(sessions.session_date) as integer) as year,
        sessions.is_early_close
    from sessions
    inner join span
        on sessions.session_date between span.first_session and span.last_session

)

select * from final
