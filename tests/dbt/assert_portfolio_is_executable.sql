{# Nothing looks ahead, part one: a portfolio with cost_basis `net` earns on what it held the day before. #}
{% set messages %}
    select
        executability.variant_id || ' ' || executability.session_date || ': reported '
        || executability.net_return || ', executable '
        || coalesce(cast(executability.executable_return as varchar), 'unknown') as message
    from {{ ref('int_portfolio__executability') }} as executability
    where
        executability.cost_basis = 'net'
        and not coalesce(abs(executability.residual) <= 1e-12, false)
{% endset %}

{{ fail_with(messages, 'message') }}
