with

bars as (

    select * from {{ ref('int_checks__rows') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'price_outside_high_low'

),

known as (

    select
        symbol,
        session_date,
        batch_id,
        row_number,
        {% for column in ['open', 'high', 'low'] %}
        case when {{ column }} > 0 and isfinite({{ column }}) then {{ column }} end as {{ column }},
        {% endfor %}
        case when close > 0 and isfinite(close) then close end as close
    from bars

),

-- By how much the worst of them is outside, as a fraction, of those prices that are known.
measured as (

    select
        *,
        greatest(open / high - 1, close / high - 1, 1 - open / low, 1 - close / low, low / high - 1) as excess
    from known

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
        || ' against low ' || coalesce(cast(measured.low as varchar), 'unknown')
        || ' and high ' || coalesce(cast(measured.high as varchar), 'unknown') as detail
    from measured
    inner join thresholds
        on measured.symbol = thresholds.symbol
    where measured.excess > thresholds.threshold

)

select * from final
