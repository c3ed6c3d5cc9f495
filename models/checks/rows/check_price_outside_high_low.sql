with

bars as (

    select * from {{ ref('int_checks__rows') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'price_outside_high_low'

),

-- By how much the worst of them is outside, as a fraction; NULL where a price is unknown.
measured as (

    select
        symbol,
        session_date,
        batch_id,
        row_number,
        open,
        high,
        low,
        close,
        greatest(
            coalesce(open / high - 1, 0),
            coalesce(close / high - 1, 0),
            coalesce(1 - open / low, 0),
            coalesce(1 - close / low, 0),
            coalesce(low / high - 1, 0)
        ) as excess
    from bars
    where
        high > 0
        and low > 0

),

final as (

    select
        measured.symbol,
        measured.session_date,
        measured.batch_id,
        measured.row_number,
        measured.excess as observed,
        'open ' || coalesce(cast(measured.open as varchar), 'unknown')
        || ', close ' || coalesce(cast(measured.close as varchar), 'unknown')
        || ' against low ' || measured.low || ' and high ' || measured.high as detail
    from measured
    inner join thresholds
        on measured.symbol = thresholds.symbol
    where measured.excess > thresholds.threshold

)

select * from final
