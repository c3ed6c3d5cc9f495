{% set messages %}
    select
        'variant ' || seed.variant_id || ': base_variant_id ' || seed.base_variant_id
        || ' leads to no row of seeds/variants.csv without a base' as message
    from {{ ref('variants') }} as seed
    left join {{ ref('int_variants__resolved') }} as resolved
        on seed.variant_id = resolved.variant_id
    where resolved.variant_id is null
{% endset %}

{{ fail_with(messages, 'message') }}
