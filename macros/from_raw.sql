{#
    Every raw table is read through this macro, so that the vars `as_of` and `end_session` cut all
    of them alike: `as_of` by the time a batch was ingested, or a row's own, `end_session` by session.
#}
{% macro from_raw(table, session_column=none, batch_column=none, time_column=none) %}
    {%- set as_of = var('as_of') -%}
    {%- set end_session = var('end_session') -%}
    {%- set date = '\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])' -%}
    {%- if end_session is not none and not modules.re.fullmatch(date, end_session | string) -%}
        {{ exceptions.raise_compiler_error(
            "var end_session is '" ~ end_session ~ "'; give a date, such as 2025-12-31"
        ) }}
    {%- endif -%}
    {%- set time = '[ T]\d\d:\d\d(:\d\d(\.\d{3,6})?)?(Z|[+-]\d\d:\d\d)?' -%}
    {%- if as_of is not none and not modules.re.fullmatch(date ~ '(' ~ time ~ ')?', as_of | string) -%}
        {{ exceptions.raise_compiler_error(
            "var as_of is '" ~ as_of ~ "'; give a time (UTC), such as \"2026-01-05 00:00\""
        ) }}
    {%- endif -%}
    select *
    from {{ source('raw', table) }}
    where
        true
        {%- if end_session is not none and session_column %}
        and {{ session_column }} <= date '{{ modules.datetime.date.fromisoformat(end_session | string) }}'
        {%- endif %}
        {%- if as_of is not none and (batch_column or time_column) %}
        {%- set instant = modules.datetime.datetime.fromisoformat(as_of | string) %}
        {%- if instant.tzinfo is none %}
        {%- set instant = instant.replace(tzinfo=modules.pytz.utc) %}
        {%- endif %}
        {%- if time_column %}
        and {{ time_column }} <= timestamptz '{{ instant.isoformat() }}'
        {%- endif %}
        {%- if batch_column %}
        and {{ batch_column }} in (
            select batch_id
            from {{ source('raw', 'batches') }}
            where ingested_at <= timestamptz '{{ instant.isoformat() }}'
        )
        {%- endif %}
        {%- endif %}
{% endmacro %}
