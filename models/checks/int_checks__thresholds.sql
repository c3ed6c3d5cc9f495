with

checks as (

    select * from {{ ref('data_checks') }}

),

overrides as (

    select
        check_id,
        replace(symbol, '<anchor>', '{{ var("anchor_symbol") | replace("'", "''") }}') as symbol,
        severity,
        threshold
    from {{ ref('data_check_overrides') }}

),

symbols as (

    select * from {{ ref('int_sources__active') }}

),

final as (

    select
        checks.check_id,
        symbols.symbol,
        checks.position,
        coalesce(overrides.severity, checks.severity) as severity,
        coalesce(overrides.threshold, checks.threshold) as threshold
    from checks
    cross join symbols
    left join overrides
        on
            checks.check_id = overrides.check_id
            and symbols.symbol = overrides.symbol

)

select * from final
