with

attribution as (

    select * from {{ ref('int_drawdowns__attribution') }}

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(episode_id as integer) as episode_id,
        cast(symbol as varchar) as symbol,
        cast(state as varchar) as state,
        cast(contribution as double) as contribution,
        cast(gross_contribution as double) as gross_contribution,
        cast(cost_contribution as double) as cost_contribution,
        cast(share as double) as share,
        cast(sessions as bigint) as sessions
    from attribution

)

select * from final
