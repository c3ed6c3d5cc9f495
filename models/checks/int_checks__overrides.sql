with

shipped as (

    select * from {{ ref('data_check_overrides') }}

),

own as (

    select * from {{ ref('stg_own__data_check_overrides') }}

),

-- A row of the user's own comes before one of the seed.
final as (

    select
        check_id,
        symbol,
        severity,
        threshold,
        reason
    from own
    union all
    select
        shipped.check_id,
        shipped.symbol,
        shipped.severity,
        shipped.threshold,
        shipped.reason
    from shipped
    left join own
        on
            shipped.check_id = own.check_id
            and shipped.symbol = own.symbol
    where own.check_id is null

)

select * from final
