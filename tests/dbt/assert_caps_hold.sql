{# Where the cap is exact, no weight exceeds it, and no holding exceeds it times the highest leverage. #}
{% set messages %}
    select
        holdings.variant_id || ' ' || holdings.symbol || ' ' || holdings.session_date || ': weight '
        || holdings.weight || ', holding ' || holdings.holding as message
    from {{ ref('fct_holdings_daily') }} as holdings
    inner join {{ ref('dim_variants') }} as variants
        on holdings.variant_id = variants.variant_id
    where
        variants.cap = 'exact'
        and (
            holdings.weight > variants.max_weight
            or abs(holdings.holding) > variants.max_weight * variants.max_leverage
        )
{% endset %}

{{ fail_with(messages, 'message') }}
