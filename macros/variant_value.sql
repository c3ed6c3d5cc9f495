{# A value of a variant, from the JSON that holds all of them. #}
{% macro variant_value(parameter, type='double') %}
cast(parameters ->> '$.{{ parameter }}' as {{ type }}) as {{ parameter }}
{%- endmacro %}
