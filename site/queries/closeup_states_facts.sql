-- In the years shown, how often did the state of `baseline` change, and does its rule, asked again, name
-- the same?
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

    select
        allocator.state,
        allocator.exposure,
        coalesce(lag(allocator.state) over by_asset, '') != allocator.state as is_change,
        case
            when
                features.mom_20 is null
                or features.mom_60 is null
                or features.vol_20 is null
                or features.drawdown_60 is null
                then 'CASH'
            when features.mom_60 > variants.trend_mom60_min and features.mom_20 > variants.trend_mom20_min
                then 'TREND'
            when
                features.mom_20 < variants.meanrev_mom20_max
                and features.drawdown_60 < variants.meanrev_dd60_max
                and features.vol_20 < variants.meanrev_vol20_max
                then 'MEANREV'
            else 'CASH'
        end as state_again
    from marts.fct_allocator_daily as allocator
    inner join marts.dim_variants as variants
        on allocator.variant_id = variants.variant_id
    inner join assets
        on allocator.symbol = assets.symbol
    inner join years
        on year(allocator.session_date) = years.year
    inner join marts.fct_features_daily as features
        on
            allocator.symbol = features.symbol
            and allocator.session_date = features.session_date
    where allocator.variant_id = 'baseline'
    window by_asset as (partition by allocator.symbol order by allocator.session_date)

),

totals as (

    select
        count(*) as sessions,
        round(avg(exposure), 9) as in_market,
        count(*) filter (where is_change) as spells,
        count(*) / count(*) filter (where is_change) as mean_spell,
        count(*) filter (where state_again != state) as rule_exceptions
    from daily

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
        trend_mom60_min,
        trend_mom20_min,
        meanrev_mom20_max,
        meanrev_dd60_max,
        meanrev_vol20_max
    from marts.dim_variants
    where variant_id = 'baseline'

)

select
    year_totals.*,
    asset_totals.assets,
    totals.*,
    rule.*
from year_totals
cross join asset_totals
cross join totals
cross join rule
order by year_totals.first_year
