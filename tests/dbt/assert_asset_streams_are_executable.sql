{# Nothing looks ahead, part two: an asset stream earns on the exposure of the day before. #}
{% set messages %}
    select
        executability.variant_id || ' ' || executability.symbol || ' ' || executability.session_date
        || ': reported ' || executability.net_return || ', executable '
        || coalesce(cast(executability.executable_return as varchar), 'unknown') as message
    from {{ ref('int_allocator__executability') }} as executability
    where
        executability.earns_on_exposure
        and not coalesce(abs(executability.residual) <= 1e-12, false)
{% endset %}

{{ fail_with(messages, 'message') }}
