-- A crash is no error: it is reported, with how much was traded, and used.
with

bars as (

    select * from {{ ref('int_checks__series') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'extreme_return'

),

final as (

    select
        bars.symbol,
        bars.session_date,
        bars.ret_1d as observed,
        round(100 * bars.ret_1d, 2) || ' % since ' || bars.previous_session
        || ', on ' || coalesce(
            cast(round(bars.traded_value / bars.median_traded_value, 1) as varchar), 'unknown'
        ) || ' times the usual traded value' as detail
    from bars
    inner join thresholds
        on bars.symbol = thresholds.symbol
    where
        abs(bars.ret_1d) > thresholds.threshold

)

select * from final
