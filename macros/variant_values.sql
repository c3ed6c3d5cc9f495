{# The columns of the model that `others` does not name, from the JSON `parameters` that holds all of a variant. #}
{% macro variant_values(others) %}
    {%- for name in model.columns if name not in others -%}
        parameters ->> '$.{{ name }}' as {{ name }}
        {%- if not loop.last %},
        {% endif -%}
    {%- endfor -%}
{% endmacro %}
