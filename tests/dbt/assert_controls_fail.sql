{# A proof that a planted leak passes is blind: then what it says of components is worth nothing. #}
{% set messages %}
    select 'planted leak ' || component || ' passes ' || proof || ' on these bars' as message
    from {{ ref('rpt_proofs') }}
    where
        kind = 'control'
        and holds
{% endset %}

{{ fail_with(messages, 'message') }}
