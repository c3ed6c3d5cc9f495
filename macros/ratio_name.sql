{# The simplest ratio n:m that a number from 1 up is close to, in words. #}
{% macro ratio_name(x) -%}
    (case
        {%- for denominator in [1, 2, 3, 4, 5] %}
        when abs({{ x }} * {{ denominator }} / round({{ x }} * {{ denominator }}) - 1) < 0.02
            then cast(round({{ x }} * {{ denominator }}) as integer) || ':{{ denominator }}'
        {%- endfor %}
        else round({{ x }}, 2) || ':1'
    end)
{%- endmacro %}
