-- A ticker that has been quiet for more than a year, or for a quarter with a price of another size after it
-- that no split explains, is not one company. Only symbols with whole months without a bar are looked at
-- closely.
with

bars as (

    select * from {{ ref('int_bars__accepted') }}

),

sessions as (

    select * from {{ ref('int_checks__sessions') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'recycled_ticker'

),

months as (

    select distinct
        symbol,
        12 * year(session_date) + month(session_date) as month_number
    from bars

),

quiet_symbols as (

    select distinct symbol
    from months
    qualify month_number - lag(month_number) over (partition by symbol order by month_number) > 2

),

newest_bars as (

    select
        bars.symbol,
        bars.session_date,
        bars.batch_id,
        bars.adj_close,
        bars.splits,
        sessions.session_number
    from bars
    inner join quiet_symbols
        on bars.symbol = quiet_symbols.symbol
    inner join sessions
        on bars.session_date = sessions.session_date
    qualify row_number() over (
        partition by bars.symbol, bars.session_date order by bars.ingested_at desc, bars.row_number asc
    ) = 1

),

beside_previous as (

    select
        symbol,
        session_date,
        row_number() over by_symbol - 1 as sessions_before,
        first_value(session_date) over by_symbol as first_session,
        lag(session_date) over by_symbol as previous_session,
        session_number - lag(session_number) over by_symbol as sessions_since,
        case
            when batch_id = lag(batch_id) over by_symbol and coalesce(splits, 0) in (0, 1)
                then adj_close / lag(adj_close) over by_symbol
        end as price_ratio
    from newest_bars
    window by_symbol as (partition by symbol order by session_date)

),

final as (

    select
        beside_previous.symbol,
        beside_previous.session_date as life_start,
        beside_previous.sessions_before as sessions,
        beside_previous.first_session,
        beside_previous.previous_session as last_session,
        beside_previous.session_date - beside_previous.previous_session as gap_days,
        case
            when beside_previous.session_date - beside_previous.previous_session <= thresholds.threshold
                then beside_previous.price_ratio
        end as price_ratio,
        thresholds.severity in ('fail', 'stop') as is_set_aside
    from beside_previous
    inner join thresholds
        on beside_previous.symbol = thresholds.symbol
    where
        beside_previous.session_date - beside_previous.previous_session > thresholds.threshold
        or (
            beside_previous.sessions_since > 63
            and (beside_previous.price_ratio >= 2 or beside_previous.price_ratio <= 0.5)
        )
    qualify row_number() over (
        partition by beside_previous.symbol order by beside_previous.session_date desc
    ) = 1

)

select * from final
