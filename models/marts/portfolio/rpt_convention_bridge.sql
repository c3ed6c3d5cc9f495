with

steps as (

    select * from {{ ref('bridge') }}

),

performance as (

    select * from {{ ref('rpt_performance') }}

),

joined as (

    select
        steps.step,
        steps.variant_id,
        steps.convention,
        performance.sharpe,
        performance.total_return,
        performance.max_drawdown,
        performance.sharpe - lag(performance.sharpe) over (order by steps.step) as sharpe_change
    from steps
    inner join performance
        on steps.variant_id = performance.variant_id

),

final as (

    select
        cast(step as integer) as step,
        cast(variant_id as varchar) as variant_id,
        cast(convention as varchar) as convention,
        cast(sharpe as double) as sharpe,
        cast(total_return as double) as total_return,
        cast(max_drawdown as double) as max_drawdown,
        cast(sharpe_change as double) as sharpe_change
    from joined

)

select * from final
