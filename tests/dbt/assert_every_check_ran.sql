{#
    Index, models and what was run are three lists: a check that one lacks would not be noticed.
    `dbt build --empty` has an empty index.
#}
{% set messages %}
    select
        'check ' || coalesce(checks.check_id, runs.check_id, models.check_id) || ': '
        || case when checks.check_id is null then 'not in seeds/data_checks.csv; ' else '' end
        || case when models.check_id is null then 'has no model; ' else '' end
        || case when runs.check_id is null then 'not in macros/data_checks.sql' else '' end as message
    from {{ ref('dim_data_checks') }} as checks
    full outer join {{ ref('int_checks__runs') }} as runs
        on checks.check_id = runs.check_id
    full outer join ({{ check_models() }}) as models
        on coalesce(checks.check_id, runs.check_id) = models.check_id
    where
        {{ 'false' if flags.EMPTY else 'true' }}
        and (
            checks.check_id is null
            or runs.check_id is null
            or models.check_id is null
        )
{% endset %}

{{ fail_with(messages, 'message') }}
