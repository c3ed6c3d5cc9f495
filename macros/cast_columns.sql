{#
    The columns of the model with the names and types of its yml, which are written nowhere else. A unit test
    knows no columns of its model: it sees all, as the step before gives them.
#}
{% macro cast_columns() %}
    {%- if model.resource_type == 'unit_test' -%} * {%- endif -%}
    {%- for column in model.columns.values() -%}
        cast({{ column.name }} as {{ column.data_type }}) as {{ column.name }}
        {%- if not loop.last %},
        {% endif -%}
    {%- endfor -%}
{% endmacro %}
