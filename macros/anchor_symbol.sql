{# The symbol that the stricter checks look at, as a literal. #}
{% macro anchor_symbol() -%}
    '{{ var("anchor_symbol") | string | replace("'", "''") }}'
{%- endmacro %}
