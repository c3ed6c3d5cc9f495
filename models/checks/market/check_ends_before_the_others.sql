-- After its last bar a symbol counts as closed, which is right only of one that has ended.
with

bars as (

    select * from {{ ref('int_checks__series') }}

),

symbols as (

    select * from {{ ref('int_checks__sound_symbols') }}

),

ended as (

    select symbol from {{ ref('ended_symbols') }}
    union
    select symbol from {{ ref('int_symbols__delisted') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'ends_before_the_others'

),

last_bars as (

    select
        bars.symbol,
        max(bars.session_date) as session_date,
        max(bars.session_number) as session_number
    from bars
    inner join symbols
        on bars.symbol = symbols.symbol
    group by bars.symbol

),

beside_others as (

    select
        *,
        max(session_date) over () as last_of_all,
        max(session_number) over () - session_number as sessions_behind
    from last_bars

),

final as (

    select
        beside_others.symbol,
        beside_others.session_date,
        cast(beside_others.sessions_behind as double) as observed,
        'its last bar is of ' || beside_others.session_date || ', ' || beside_others.sessions_behind
        || ' sessions before the last of all (' || beside_others.last_of_all || '): dead, or not updated?'
            as detail
    from beside_others
    inner join thresholds
        on beside_others.symbol = thresholds.symbol
    left join ended
        on beside_others.symbol = ended.symbol
    where
        beside_others.sessions_behind > thresholds.threshold
        and ended.symbol is null

)

select * from final
