{% set messages %}
    select
        symbol || ' ' || session_date || ': ' || check_id || ' (' || detail || '; way out: ' || way_out || ')'
            as message
    from {{ ref('int_checks__stops') }}
{% endset %}

{{ fail_with(messages, 'message') }}
