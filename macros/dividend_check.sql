{#
    The check that a dividend moves adj_close / close as far as it should, however favourably the written
    decimals are read: `bound` is the column of that reading. Prices that are adjusted throughout have a check of
    their own.
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
        payouts.dividend_share as observed,
        'dividend ' || payouts.dividends
        || case
            when payouts.reading = 'dividend and gain' then ' and capital gain ' || payouts.capital_gains
            when payouts.reading = 'dividend without gain'
                then ' without the capital gain ' || payouts.capital_gains || ' that it holds'
            when payouts.capital_gains > 0
                then ' (the capital gain ' || payouts.capital_gains || ' not counted beside it)'
            else ''
        end
        || ' on a close of ' || payouts.previous_close
        || ' moves adj_close / close ' || round(payouts.dividend_share, 2)
        || ' times as far as it should: {{ told }}' as detail
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
