with

{% for check_id in row_checks() %}
{{ check_id }} as (

    select
        '{{ check_id }}' as check_id,
        *
    from {{ ref('check_' ~ check_id) }}

),

{% endfor %}
failures as (

    {% for check_id in row_checks() %}
    select * from {{ check_id }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}

),

final as (

    select
        failures.check_id,
        failures.symbol,
        failures.session_date,
        failures.batch_id,
        failures.row_number,
        thresholds.position,
        thresholds.severity,
        thresholds.threshold,
        failures.observed,
        failures.detail
    from failures
    inner join thresholds
        on
            failures.check_id = thresholds.check_id
            and failures.symbol = thresholds.symbol

)

select * from final
