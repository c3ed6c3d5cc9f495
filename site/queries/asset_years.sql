-- How did the stream of each asset do in each year, out of sample? Of more than five assets, the first
-- five.
with

assets as (

    select symbol
    from marts.dim_assets
    order by sessions desc, symbol asc
    limit 5

)

select
    years.symbol,
    years.year,
    years.variant_id,
    years.sharpe,
    years.total_return,
    years.max_drawdown,
    years.pct_trend,
    years.pct_meanrev,
    years.pct_cash
from marts.rpt_walkforward_allocator as years
inner join assets
    on years.symbol = assets.symbol
order by years.symbol, years.year, years.variant_id
