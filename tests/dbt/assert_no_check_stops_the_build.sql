{% set messages %}
    select symbol || ' ' || session_date || ': ' || check_id || ' (' || detail || ')' as message
    from {{ ref('int_checks__stops') }}
{% endset %}

{{ fail_with(messages, 'message') }}
