with

walkforward_portfolio as (

    select * from {{ ref('int_portfolio__by_year') }}

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(year as integer) as year,
        cast(sharpe as double) as sharpe,
        cast(total_return as double) as total_return,
        cast(max_drawdown as double) as max_drawdown,
        cast(avg_leverage as double) as avg_leverage,
        cast(max_drawdown_from_one as double) as max_drawdown_from_one
    from walkforward_portfolio

)

select * from final
