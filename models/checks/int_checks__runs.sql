-- One row per check that ran, so that a test can tell one that found nothing from one that was left out.
{% for check_id in row_checks() + series_checks() + market_checks() %}
select
    '{{ check_id }}' as check_id,
    count(*) as found
from {{ ref('check_' ~ check_id) }}
{{ 'union all' if not loop.last }}
{% endfor %}
