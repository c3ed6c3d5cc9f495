{#
    A query for a singular test: it ends the test with an error that carries the messages, so that
    the line dbt prints names symbol and date. No row, no error.
#}
{% macro fail_with(messages, column, limit=20) %}
    select error(
        count(*) || ' found: '
        || array_to_string(list_slice(list({{ column }} order by {{ column }}), 1, {{ limit }}), '; ')
        || case when count(*) > {{ limit }} then '; and ' || (count(*) - {{ limit }}) || ' more' else '' end
    ) as failure
    from ({{ messages }})
    having count(*) > 0
{% endmacro %}
