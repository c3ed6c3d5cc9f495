{# What looks ahead, or outside its arguments, is not published; variants that are not executable say so. #}
{% set messages %}
    select
        proofs.kind || ' ' || proofs.component || ', ' || proofs.proof || ': '
        || case
            when proofs.first_column is null then proofs.found
            else
                proofs.first_column || coalesce(' of ' || proofs.first_symbol, '') || ' on ' || proofs.first_session
                || ' is ' || coalesce(cast(proofs.first_value as varchar), 'unknown') || ', and '
                || coalesce(cast(proofs.other_value as varchar), 'unknown') || ' by ' || proofs.found
        end
        || ' (look further: python -m plumbline prove ' || proofs.component || ')' as message
    from {{ ref('rpt_proofs') }} as proofs
    left join {{ ref('dim_variants') }} as variants
        on proofs.subject = variants.variant_id
    where
        proofs.kind <> 'control'
        and not proofs.holds
        and (proofs.proof <> 'executability' or variants.is_executable)
{% endset %}

{{ fail_with(messages, 'message') }}
