{#
    The check that a payout moves adj_close / close as far as it should; `bound` is its share of that at the least
    or most that rounding allows. Prices that are adjusted throughout have a check of their own.
#}
{% macro dividend_check(check_id, bound, comparison, told) -%}
with

payouts as (

    select * from {{ ref('int_checks__payouts') }}

),

auto_adjusted as (

    select * from {{ ref('check_auto_adjusted') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = '{{ check_id }}'

),

final as (

    select
        payouts.symbol,
        payouts.session_date,
        payouts.share as observed,
        'dividend ' || payouts.dividend
        || case
            when payouts.is_gain_counted then ' and capital gain ' || payouts.gain
            when payouts.gain > 0 then ' (taken to hold the capital gain of ' || payouts.gain || ')'
            else ''
        end
        || ' on a close of ' || payouts.previous_close || ' moves adj_close / close '
        || round(payouts.share, 2) || ' times as far as it should: {{ told }}' as detail
    from payouts
    inner join thresholds
        on payouts.symbol = thresholds.symbol
    left join auto_adjusted
        on payouts.symbol = auto_adjusted.symbol
    where
        payouts.{{ bound }} {{ comparison }} thresholds.threshold
        and auto_adjusted.symbol is null

)

select * from final
{%- endmacro %}
