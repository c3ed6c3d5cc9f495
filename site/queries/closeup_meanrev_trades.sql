-- What did each trade of the mean-reversion strategy earn, after both costs, in the years that the page
-- offers?
with

assets as (

    select
        symbol,
        row_number() over (order by symbol in ('SPY', '^GSPC') desc, sessions desc, symbol asc) as asset_rank
    from marts.dim_assets
    qualify asset_rank <= 8

),

years as (

    select
        year(session_date) as year,
        max(year(session_date)) over () - year(session_date) as years_back
    from marts.fct_portfolio_daily
    where variant_id = 'baseline'
    group by year(session_date)
    qualify years_back < (select greatest(2, least(6, 18 // count(*))) from marts.dim_assets)

)

select
    trades.variant_id,
    assets.asset_rank,
    years.years_back,
    trades.entry_date,
    trades.exit_date,
    trades.sessions,
    trades.net_return,
    bars.adj_close as entry_price,
    allocator.state as entry_state
from marts.fct_trades as trades
inner join marts.dim_variants as variants
    on
        trades.variant_id = variants.variant_id
        and variants.family = 'core'
inner join assets
    on trades.symbol = assets.symbol
inner join years
    on year(trades.entry_date) = years.year
inner join marts.fct_bars_daily as bars
    on
        trades.symbol = bars.symbol
        and trades.entry_date = bars.session_date
inner join marts.fct_allocator_daily as allocator
    on
        trades.variant_id = allocator.variant_id
        and trades.symbol = allocator.symbol
        and trades.entry_date = allocator.session_date
where trades.strategy = 'meanrev'
order by trades.variant_id, assets.asset_rank, years.years_back, trades.entry_date
