-- Adjusting divides the past by splits and dividends, so adj_close / close never falls as time goes on, but
-- for what rounding does.
with

steps as (

    select * from {{ ref('int_checks__payouts') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'adjustment_factor_falls'

),

final as (

    select
        steps.symbol,
        steps.session_date,
        steps.factor_change as observed,
        'adj_close / close falls from ' || round(steps.previous_factor, 6) || ' on ' || steps.previous_session
        || ' to ' || round(steps.adjustment_factor, 6)
        || '; one of the two bars, or all on one side, stand on another basis'
        || case
            when steps.close / steps.previous_close > 1.3
                then ', or prices are as traded and a reverse split lifts them: --price-basis raw'
            else ''
        end as detail
    from steps
    inner join thresholds
        on steps.symbol = thresholds.symbol
    where
        steps.factor_change_most < -thresholds.threshold
        -- As traded, a reverse split lifts the close and not the adjusted close.
        and not (
            steps.price_basis = 'raw'
            and steps.close / steps.previous_close > 1.3
        )

)

select * from final
