{#
    Decimals as written: the fewest, from 2 to 6, to which a value can be rounded without moving by more than
    32 bits hold; 99 where six are not enough, so that it counts as exact.
#}
{% macro written_decimals(x) -%}
    (case
        {%- for decimals in range(2, 7) %}
        when abs(round({{ x }}, {{ decimals }}) - {{ x }}) <= 1e-7 * {{ x }} then {{ decimals }}
        {%- endfor %}
        else 99
    end)
{%- endmacro %}

{#
    The decimals in use near a row of `window by_batch`: a value that ends in zeros was written like its
    neighbours. Where a file changes its decimals, each side has its own.
#}
{% macro decimals_near(decimals, n) -%}
    greatest(
        {{ decimals }},
        least(
            max({{ decimals }}) over (by_batch rows between {{ n }} preceding and current row),
            max({{ decimals }}) over (by_batch rows between current row and {{ n }} following)
        )
    )
{%- endmacro %}

{# Half a unit of the last written decimal of `x`, as a fraction of it; 0 beyond six decimals. #}
{% macro rounding_of(x, decimals) -%}
    (case when {{ decimals }} <= 6 then 0.5 * power(10, -{{ decimals }}) / {{ x }} else 0 end)
{%- endmacro %}
