{# A symbol that is asked for and not there must not be missing in silence. #}
{% set messages %}
    with

    asked as (

        select unnest({{ selected_symbols_list() }}) as symbol

    )

    select
        case
            when removed.symbol is not null
                then asked.symbol || ' was removed; bring it back with: python -m ingest remove '
                || asked.symbol || ' --undo'
            else
                asked.symbol || ' has not landed; ingest it, for example with: python -m ingest yahoo --symbols '
                || asked.symbol
        end as message
    from asked
    left join {{ ref('int_sources__active') }} as active
        on asked.symbol = active.symbol
    left join {{ ref('int_symbols__removed') }} as removed
        on asked.symbol = removed.symbol
    where
        active.symbol is null
        and {{ 'false' if flags.EMPTY else 'true' }}
{% endset %}

{{ fail_with(messages, 'message') }}
