{% set messages %}
    select symbol || ' ' || session_date || ': ' || fault || ' (' || detail || ')' as message
    from {{ ref('int_bars__faults') }}
{% endset %}

{{ fail_with(messages, 'message') }}
