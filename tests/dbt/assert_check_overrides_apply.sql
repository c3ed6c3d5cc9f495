{# An override that names no check, or asks a check of whole series to refuse rows, would do nothing. #}
{% set messages %}
    select
        'data_check_overrides.csv, ' || overrides.check_id || ' of ' || overrides.symbol || ': '
        || case
            when checks.check_id is null then 'no such check'
            else 'only checks of single rows can reject'
        end as message
    from {{ ref('int_checks__overrides') }} as overrides
    left join {{ ref('data_checks') }} as checks
        on overrides.check_id = checks.check_id
    where
        checks.check_id is null
        or (
            overrides.severity = 'reject'
            and overrides.check_id not in ('{{ row_checks() | join("', '") }}')
        )
{% endset %}

{{ fail_with(messages, 'message') }}
