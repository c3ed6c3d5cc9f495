with

assets as (

    select * from {{ ref('int_assets__described') }}

),

final as (

    select
        cast(symbol as varchar) as symbol,
        cast(source as varchar) as source,
        cast(price_basis as varchar) as price_basis,
        cast(first_session as date) as first_session,
        cast(last_session as date) as last_session,
        cast(sessions as bigint) as sessions
    from assets

)

select * from final
