{# Whether a number from 1 up is, to half a percent, a ratio n:m such as splits have, m up to 4. #}
{% macro is_simple_ratio(x) -%}
    (
        {%- for denominator in [1, 2, 3, 4] %}
        {{ 'or ' if not loop.first }}abs({{ x }} * {{ denominator }} / round({{ x }} * {{ denominator }}) - 1) < 0.005
        {%- endfor %}
    )
{%- endmacro %}
