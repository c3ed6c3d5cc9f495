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

strategies as (

    select
        registered.name as strategy,
        case when followed.strategy is not null then upper(registered.name) end as state,
        registered.description,
        coalesce(switches.is_enabled, true) as is_enabled,
        registered.is_fitted
    from registered
    left join switches
        on registered.name = switches.strategy
    left join followed
        on registered.name = followed.strategy

),

final as (

    select
        {{ cast_columns() }}
    from strategies

)

select * from final
