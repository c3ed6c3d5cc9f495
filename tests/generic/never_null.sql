{# No column of these is NULL: what a constraint holds of a table, held of one that Python writes. #}
{% test never_null(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    where
        false
        {%- for column in columns %}
        or {{ column }} is null
        {%- endfor %}
{% endtest %}
