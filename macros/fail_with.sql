{#
    A query for a singular test: it ends the test with an error that carries the messages, so that
    the line dbt prints names symbol and date. No row, no error.

    The error is raised in `having`: dbt only counts the rows of a test, and DuckDB never computes
    a column that nothing reads.
#}
{% macro fail_with(messages, column, limit=20) %}
    select count(*) as failures
    from ({{ messages }})
    having
        case
            when count(*) > 0
                then cast(error(
                    case when count(*) > 1 then count(*) || ' found: ' else '' end
                    || array_to_string(
                        list_slice(list({{ column }} order by {{ column }}), 1, {{ limit }}), '; '
                    )
                    || case when count(*) > {{ limit }} then '; and ' || (count(*) - {{ limit }}) || ' more' else '' end
                ) as boolean)
            else false
        end
{% endmacro %}
