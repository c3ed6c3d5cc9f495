with

strategy_daily as (

    select * from {{ ref('int_strategy__daily') }}

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(symbol as varchar) as symbol,
        cast(session_date as date) as session_date,
        cast(strategy as varchar) as strategy,
        cast(position as double) as position,
        cast(net_return as double) as net_return,
        cast(prediction as double) as prediction
    from strategy_daily
    where is_reported

)

select * from final
