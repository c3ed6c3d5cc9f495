with

own_failures as (

    select * from {{ ref('int_checks__own_failures') }}

),

market_failures as (

    {% for check_id in market_checks() %}
    select
        '{{ check_id }}' as check_id,
        symbol,
        session_date,
        observed,
        detail
    from {{ ref('check_' ~ check_id) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}

),

failures as (

    select
        check_id,
        symbol,
        session_date,
        observed,
        detail
    from own_failures
    union all
    select * from market_failures

),

final as (

    select
        failures.check_id,
        failures.symbol,
        failures.session_date,
        thresholds.position,
        case when isfinite(failures.observed) then failures.observed end as observed,
        thresholds.threshold,
        thresholds.severity,
        failures.detail,
        replace(thresholds.way_out, '{session}', cast(failures.session_date as varchar)) as way_out
    from failures
    inner join thresholds
        on
            failures.check_id = thresholds.check_id
            and failures.symbol = thresholds.symbol

)

select * from final
