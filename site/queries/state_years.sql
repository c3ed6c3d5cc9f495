-- Which share of the sessions of each year was spent in each state, and what did the asset's stream earn? Of
-- more than eight assets, the first eight.
with

assets as (

    select symbol
    from marts.dim_assets
    order by sessions desc, symbol asc
    limit 8

)

select
    years.variant_id,
    years.symbol,
    years.year,
    round(years.pct_trend, 4) as pct_trend,
    round(years.pct_meanrev, 4) as pct_meanrev,
    round(years.pct_cash, 4) as pct_cash,
    round(years.sharpe, 3) as sharpe,
    round(years.total_return, 4) as total_return,
    round(years.max_drawdown, 4) as max_drawdown
from marts.rpt_walkforward_allocator as years
inner join assets
    on years.symbol = assets.symbol
order by years.variant_id, years.symbol, years.year
