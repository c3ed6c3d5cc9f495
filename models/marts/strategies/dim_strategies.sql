with

strategies as (

    select * from {{ ref('strategies') }}

),

final as (

    select
        cast(strategy as varchar) as strategy,
        cast(state as varchar) as state,
        cast(description as varchar) as description,
        cast(is_enabled as boolean) as is_enabled,
        cast(is_fitted as boolean) as is_fitted
    from strategies

)

select * from final
