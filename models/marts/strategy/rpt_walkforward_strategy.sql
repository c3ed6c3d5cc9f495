with

walkforward_strategy as (

    select * from {{ ref('int_strategy__by_year') }}

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(symbol as varchar) as symbol,
        cast(strategy as varchar) as strategy,
        cast(year as integer) as year,
        cast(sharpe as double) as sharpe,
        cast(total_return as double) as total_return,
        cast(max_drawdown as double) as max_drawdown,
        cast(days_in_market as double) as days_in_market,
        cast(max_drawdown_from_one as double) as max_drawdown_from_one
    from walkforward_strategy

)

select * from final
