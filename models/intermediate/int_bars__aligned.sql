-- Everything later reads bars through this model.
with

bars as (

    select * from {{ ref('int_bars__rebased') }}

),

symbols as (

    select * from {{ ref('int_symbols__in_use') }}

),

sessions as (

    select * from {{ ref('int_sessions__panel') }}

),

numbered as (

    select
        bars.*,
        sessions.session_number
    from bars
    inner join symbols
        on bars.symbol = symbols.symbol
    inner join sessions
        on bars.session_date = sessions.session_date

),

lives as (

    select
        symbol,
        min(session_number) as first_number,
        max(session_number) as last_number
    from numbered
    group by symbol

),

-- After its last bar an asset is carried on, whether or not a later bar exists.
calendar as (

    select
        lives.symbol,
        sessions.session_date,
        sessions.session_number
    from lives
    inner join sessions
        on
            sessions.session_number between
            lives.first_number and lives.last_number + {{ var('max_filled_sessions') | int }}

),

with_last_bar as (

    select
        calendar.symbol,
        calendar.session_date,
        calendar.session_number,
        numbered.session_number is null as is_filled,
        max(numbered.session_number) over (
            partition by calendar.symbol
            order by calendar.session_number
            rows between unbounded preceding and current row
        ) as last_bar_number
    from calendar
    left join numbered
        on
            calendar.symbol = numbered.symbol
            and calendar.session_number = numbered.session_number

),

final as (

    select
        with_last_bar.symbol,
        with_last_bar.session_date,
        case when not with_last_bar.is_filled then numbered.open end as open,
        case when not with_last_bar.is_filled then numbered.high end as high,
        case when not with_last_bar.is_filled then numbered.low end as low,
        numbered.close,
        numbered.adj_close,
        case when with_last_bar.is_filled then 0 else numbered.volume end as volume,
        with_last_bar.is_filled
    from with_last_bar
    inner join numbered
        on
            with_last_bar.symbol = numbered.symbol
            and with_last_bar.last_bar_number = numbered.session_number

)

select * from final
