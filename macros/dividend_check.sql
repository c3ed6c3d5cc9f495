{# The check that a dividend moves adj_close / close as far as it should. #}
{% macro dividend_check(check_id, comparison, told) -%}
with

bars as (

    select * from {{ ref('int_checks__series') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = '{{ check_id }}'

),

final as (

    select
        bars.symbol,
        bars.session_date,
        bars.dividend_share as observed,
        'dividend ' || bars.dividends || ' on a close of ' || bars.previous_close
        || ' moves adj_close / close ' || round(bars.dividend_share, 2)
        || ' times as far as it should: {{ told }}' as detail
    from bars
    inner join thresholds
        on bars.symbol = thresholds.symbol
    where bars.dividend_share {{ comparison }} thresholds.threshold

)

select * from final
{%- endmacro %}
