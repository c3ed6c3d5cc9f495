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
        {{ cast_columns() }}
    from joined

)

select * from final
