-- Adjusting divides the past by splits and dividends, so adj_close / close never falls as time goes on.
with

bars as (

    select * from {{ ref('int_checks__adjustments') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'adjustment_factor_falls'

),

final as (

    select
        bars.symbol,
        bars.session_date,
        bars.adjustment_factor / bars.previous_factor - 1 as observed,
        'adj_close / close falls from ' || round(bars.previous_factor, 6) || ' on ' || bars.previous_session
        || ' to ' || round(bars.adjustment_factor, 6)
        || '; one of the two bars, or all on one side, stand on another basis'
        || case
            when bars.close / bars.previous_close > 1.3
                then ', or prices are as traded and a reverse split lifts them: --price-basis raw'
            else ''
        end as detail
    from bars
    inner join thresholds
        on bars.symbol = thresholds.symbol
    where
        -- However favourably the decimals are read.
        exp(bars.move_high) - 1 < -thresholds.threshold
        -- As traded, a reverse split lifts the close and not the adjusted close.
        and not (
            bars.price_basis = 'raw'
            and bars.close / bars.previous_close > 1.3
        )

)

select * from final
