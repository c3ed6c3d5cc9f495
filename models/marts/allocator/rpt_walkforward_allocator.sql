with

walkforward_allocator as (

    select * from {{ ref('int_allocator__by_year') }}

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(symbol as varchar) as symbol,
        cast(year as integer) as year,
        cast(sharpe as double) as sharpe,
        cast(total_return as double) as total_return,
        cast(max_drawdown as double) as max_drawdown,
        cast(pct_trend as double) as pct_trend,
        cast(pct_meanrev as double) as pct_meanrev,
        cast(pct_cash as double) as pct_cash,
        cast(max_drawdown_from_one as double) as max_drawdown_from_one
    from walkforward_allocator

)

select * from final
