with

bars as (

    select * from {{ ref('int_checks__series') }}

),

spans as (

    select * from {{ ref('int_checks__spans') }}

),

sessions as (

    select * from {{ ref('stg_raw__sessions') }}

),

bar_spans as (

    select
        symbol,
        min(session_date) as first_bar,
        max(session_date) as last_bar
    from bars
    group by symbol

),

-- Rows that are refused at the start or the end of a history leave a gap with a bar on one side only.
beyond_bars as (

    select
        bar_spans.symbol,
        sessions.session_date,
        case when sessions.session_date < bar_spans.first_bar then 'before' else 'after' end as side,
        case
            when sessions.session_date < bar_spans.first_bar then bar_spans.first_bar
            else bar_spans.last_bar
        end as nearest_bar
    from bar_spans
    inner join spans
        on bar_spans.symbol = spans.symbol
    inner join sessions
        on
            sessions.session_date between spans.first_session and spans.last_session
            and sessions.session_date not between bar_spans.first_bar and bar_spans.last_bar

),

refused_edges as (

    select
        symbol,
        max(session_date) as session_date,
        cast(count(*) as double) as observed,
        count(*) || ' sessions with rows and no usable bar ' || side || ' ' || nearest_bar as detail
    from beyond_bars
    group by symbol, side, nearest_bar
    having count(*) > {{ var('max_filled_sessions') | int }}

),

gaps as (

    select
        symbol,
        session_date,
        cast(session_number - previous_number - 1 as double) as observed,
        (session_number - previous_number - 1) || ' sessions without a usable bar after ' || previous_session
        || '; at most {{ var("max_filled_sessions") | int }} are carried' as detail
    from bars
    where session_number - previous_number - 1 > {{ var('max_filled_sessions') | int }}

),

final as (

    select * from gaps
    union all
    select * from refused_edges

)

select * from final
