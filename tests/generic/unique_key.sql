{#
    No two rows have the same values in `columns`. Days are counted against the bits that they set in a year:
    exact, and a fraction of the work and memory that a group a row takes.
#}
{% test unique_key(model, columns) %}
    {%- set has_days = 'session_date' in columns and columns | length > 1 %}
    {%- set keys = columns | reject('equalto', 'session_date') | list + ['year(session_date)'] if has_days else columns %}
    select
        {{ keys | join(', ') }},
        count(*) as occurrences
    from {{ model }}
    group by {{ keys | join(', ') }}
    {%- if has_days %}
    having count(*) != coalesce(bit_count(bitstring_agg(dayofyear(session_date), 1, 366)), 0)
    {%- else %}
    having count(*) > 1
    {%- endif %}
{% endtest %}
