-- In the years shown, how often did the mean-reversion strategy of `baseline` trade, and is each entry by
-- its rule?
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

daily as (

    select daily.position
    from marts.fct_strategy_daily as daily
    inner join assets
        on daily.symbol = assets.symbol
    inner join years
        on year(daily.session_date) = years.year
    where
        daily.variant_id = 'baseline'
        and daily.strategy = 'meanrev'

),

trades as (

    select
        trades.net_return,
        trades.sessions,
        features.ret_5d < variants.meanrev_ret5_max
        and features.vol_20 < variants.meanrev_entry_vol20_max as is_by_the_rule
    from marts.fct_trades as trades
    inner join marts.dim_variants as variants
        on trades.variant_id = variants.variant_id
    inner join assets
        on trades.symbol = assets.symbol
    inner join years
        on year(trades.entry_date) = years.year
    inner join marts.fct_features_daily as features
        on
            trades.symbol = features.symbol
            and trades.entry_date = features.session_date
    inner join marts.fct_strategy_daily as strategy
        on
            trades.variant_id = strategy.variant_id
            and trades.symbol = strategy.symbol
            and trades.strategy = strategy.strategy
            and trades.entry_date = strategy.session_date
    where
        trades.variant_id = 'baseline'
        and trades.strategy = 'meanrev'

),

position_totals as (

    select round(avg(position), 9) as in_market
    from daily

),

trade_totals as (

    select
        count(*) as trades,
        count(*) filter (where net_return > 0) as trades_gained,
        round(avg(net_return), 9) as mean_trade,
        round(avg(sessions), 9) as mean_sessions,
        count(*) filter (where is_by_the_rule is not true) as rule_exceptions
    from trades

),

asset_totals as (

    select count(*) as assets
    from assets

),

year_totals as (

    select
        min(year) as first_year,
        max(year) as last_year
    from years

),

rule as (

    select
        meanrev_ret5_max,
        meanrev_entry_vol20_max,
        meanrev_hold
    from marts.dim_variants
    where variant_id = 'baseline'

)

select
    year_totals.*,
    asset_totals.assets,
    position_totals.in_market,
    trade_totals.*,
    rule.*
from year_totals
cross join asset_totals
cross join position_totals
cross join trade_totals
cross join rule
order by year_totals.first_year
