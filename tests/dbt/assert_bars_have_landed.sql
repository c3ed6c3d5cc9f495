{# `dbt build --empty` is the one build that may find nothing. #}
{%- set by = ' by ' ~ var('as_of') if var('as_of') is not none else '' -%}
{%- set up_to = ' up to ' ~ var('end_session') if var('end_session') is not none else '' -%}
{% set messages %}
    select
        'no bars have landed{{ by }}{{ up_to }}; '
        || 'ingest some, for example with: python -m ingest sample' as message
    where
        {{ 'false' if flags.EMPTY else 'true' }}
        and not exists (select 1 from {{ ref('int_bars__active') }})
{% endset %}

{{ fail_with(messages, 'message') }}
