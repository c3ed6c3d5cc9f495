{# No measure of a mart is NaN or infinite: unknown is NULL. #}
{% test all_finite(model) %}
    {%- set measures = [] -%}
    {%- for column in adapter.get_columns_in_relation(model) if column.dtype | lower == 'double' -%}
        {%- do measures.append(column.quoted) -%}
    {%- endfor %}
    select *
    from {{ model }}
    where
        false
        {%- for measure in measures %}
        or not isfinite({{ measure }})
        {%- endfor %}
{% endtest %}
