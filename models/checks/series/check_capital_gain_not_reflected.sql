-- A capital gain is counted with the dividend, or in it, as the adjustment fits; here it fits neither.
with

payouts as (

    select * from {{ ref('int_checks__payouts') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'capital_gain_not_reflected'

),

final as (

    select
        payouts.symbol,
        payouts.session_date,
        payouts.capital_gain_share as observed,
        'capital gain ' || payouts.capital_gains || ' beside a dividend of ' || payouts.dividends
        || ' on a close of ' || payouts.previous_close
        || ' moves adj_close / close ' || round(payouts.capital_gain_share, 2)
        || ' times as far as it should: the adjustment fits the ' || payouts.reading as detail
    from payouts
    inner join thresholds
        on payouts.symbol = thresholds.symbol
    where payouts.capital_gain_share < thresholds.threshold

)

select * from final
