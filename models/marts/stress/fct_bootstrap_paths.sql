with

paths as (

    select * from {{ ref('int_stress__bootstrap') }}

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(scenario_id as varchar) as scenario_id,
        cast(path as bigint) as path,
        cast(sharpe as double) as sharpe,
        cast(total_return as double) as total_return,
        cast(max_drawdown as double) as max_drawdown,
        cast(time_under_water as bigint) as time_under_water
    from paths

)

select * from final
