-- In which state was each asset on each session, on which signals, and was it in the market?
-- The eight assets and the years that the page offers, one row a session.
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

changes as (

    select
        variant_id,
        symbol,
        session_date,
        case
            when exposure > 0 and coalesce(lag(exposure) over by_asset, 0) = 0 then 'entry'
            when exposure = 0 and lag(exposure) over by_asset > 0 then 'exit'
        end as trade
    from marts.fct_allocator_daily
    window by_asset as (partition by variant_id, symbol order by session_date)

)

select
    daily.variant_id,
    assets.asset_rank,
    years.years_back,
    daily.session_date,
    assets.symbol,
    round(bars.adj_close, 2) as adj_close,
    daily.state,
    cast(daily.exposure as integer) as exposure,
    changes.trade,
    round(features.mom_60, 4) as mom_60,
    variants.trend_mom60_min,
    round(features.mom_20, 4) as mom_20,
    variants.trend_mom20_min,
    variants.meanrev_mom20_max,
    round(features.drawdown_60, 4) as drawdown_60,
    variants.meanrev_dd60_max,
    round(features.vol_20, 4) as vol_20,
    variants.meanrev_vol20_max
from marts.fct_allocator_daily as daily
inner join marts.dim_variants as variants
    on
        daily.variant_id = variants.variant_id
        and variants.family = 'core'
inner join assets
    on daily.symbol = assets.symbol
inner join years
    on year(daily.session_date) = years.year
inner join changes
    on
        daily.variant_id = changes.variant_id
        and daily.symbol = changes.symbol
        and daily.session_date = changes.session_date
inner join marts.fct_bars_daily as bars
    on
        daily.symbol = bars.symbol
        and daily.session_date = bars.session_date
inner join marts.fct_features_daily as features
    on
        daily.symbol = features.symbol
        and daily.session_date = features.session_date
order by daily.variant_id, assets.asset_rank, years.years_back, daily.session_date
