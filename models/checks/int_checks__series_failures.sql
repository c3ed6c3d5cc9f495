{% for check_id in series_checks() %}
select
    '{{ check_id }}' as check_id,
    symbol,
    session_date,
    observed,
    detail
from {{ ref('check_' ~ check_id) }}
{{ 'union all' if not loop.last }}
{% endfor %}
