{# Where every symbol is set aside there is nothing to build from; the message says why of each. #}
{% set messages %}
    select symbol || ': ' || check_id || ' (' || message || '; way out: ' || way_out || ')' as message
    from {{ ref('int_checks__set_aside') }}
    where
        is_whole_symbol
        and not exists (select 1 from {{ ref('int_symbols__in_use') }})
{% endset %}

{{ fail_with(messages, 'message') }}
