-- Adjusting divides the past by splits and dividends, so adj_close / close never falls as time goes on.
with

bars as (

    select * from {{ ref('int_checks__series') }}

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
        || '; one of the two bars, or all on one side, stand on another basis' as detail
    from bars
    inner join thresholds
        on bars.symbol = thresholds.symbol
    where
        bars.adjustment_factor / bars.previous_factor - 1 < -(
            thresholds.threshold
            -- Prices rounded to cents move the quotient by as much as their rounding.
            + case
                when
                    round(bars.adj_close, 2) = bars.adj_close
                    and round(bars.close, 2) = bars.close
                    then
                        0.005 / bars.adj_close + 0.005 / bars.close
                        + 0.005 / bars.previous_adj_close + 0.005 / bars.previous_close
                else 0
            end
        )
        -- As traded, a reverse split lifts the close and not the adjusted close.
        and not (
            bars.price_basis = 'raw'
            and bars.close / bars.previous_close > 1.3
        )

)

select * from final
