with

registered as (

    select * from {{ ref('int_components__registered') }}
    where kind = 'strategy'

),

switches as (

    select * from {{ ref('strategies') }}

),

variants as (

    select * from {{ ref('int_variants__resolved') }}

),

followed as (

    select distinct unnest(follows) as strategy from variants

),

final as (

    select
        cast(registered.name as varchar) as strategy,
        cast(case when followed.strategy is not null then upper(registered.name) end as varchar) as state,
        cast(registered.description as varchar) as description,
        cast(coalesce(switches.is_enabled, true) as boolean) as is_enabled,
        cast(registered.is_fitted as boolean) as is_fitted
    from registered
    left join switches
        on registered.name = switches.strategy
    left join followed
        on registered.name = followed.strategy

)

select * from final
