{#
    Half a unit of the last decimal with which the values of a column are written around a row: the most
    decimals that any of the sixty rows about it needs, because a price such as 6.50 is written with fewer. More
    than six are none at all, but a number as a computer holds it. Over `window by_batch`.
#}
{% macro written_unit(x) -%}
    (
        0.5 * pow(10, -max(case
            {%- for decimals in range(7) %}
            when abs({{ x }} - round({{ x }}, {{ decimals }})) <= 1e-9 * abs({{ x }}) then {{ decimals }}
            {%- endfor %}
            else 15
        end) over (by_batch rows between 30 preceding and 30 following))
    )
{%- endmacro %}
