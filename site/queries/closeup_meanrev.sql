-- When did the mean-reversion strategy enter and leave, at which price, after which fall, and in which
-- state? The eight assets and the years that the page offers, one row a session. The entry condition is
-- that both signals lie below their limits.
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

),

trades as (

    select
        variant_id,
        symbol,
        entry_date as session_date,
        'entry' as trade
    from marts.fct_trades
    where strategy = 'meanrev'
    union all
    select
        variant_id,
        symbol,
        exit_date as session_date,
        'exit' as trade
    from marts.fct_trades
    where
        strategy = 'meanrev'
        and exit_date is not null

)

select
    daily.variant_id,
    assets.asset_rank,
    years.years_back,
    daily.session_date,
    assets.symbol,
    round(bars.adj_close, 2) as adj_close,
    cast(daily.position as integer) as position,
    trades.trade,
    allocator.state,
    round(features.ret_5d, 4) as ret_5d,
    variants.meanrev_ret5_max,
    round(features.vol_20, 4) as vol_20,
    variants.meanrev_entry_vol20_max
from marts.fct_strategy_daily as daily
inner join marts.dim_variants as variants
    on
        daily.variant_id = variants.variant_id
        and variants.family = 'core'
inner join assets
    on daily.symbol = assets.symbol
inner join years
    on year(daily.session_date) = years.year
inner join marts.fct_bars_daily as bars
    on
        daily.symbol = bars.symbol
        and daily.session_date = bars.session_date
inner join marts.fct_features_daily as features
    on
        daily.symbol = features.symbol
        and daily.session_date = features.session_date
inner join marts.fct_allocator_daily as allocator
    on
        daily.variant_id = allocator.variant_id
        and daily.symbol = allocator.symbol
        and daily.session_date = allocator.session_date
left join trades
    on
        daily.variant_id = trades.variant_id
        and daily.symbol = trades.symbol
        and daily.session_date = trades.session_date
where daily.strategy = 'meanrev'
order by daily.variant_id, assets.asset_rank, years.years_back, daily.session_date
