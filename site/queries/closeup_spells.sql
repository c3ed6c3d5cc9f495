-- How long did each state last, for how much of it was the asset held, and what did stream and asset earn
-- in it? What is decided in a state earns from the session after its first to the session after its last,
-- and pays for its own trades; under look-ahead both are of its own sessions. A spell is told in each
-- year that it touches.
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
        allocator.variant_id,
        allocator.symbol,
        allocator.session_date,
        allocator.state,
        allocator.exposure,
        case
            when variants.state_lag = 0 then allocator.net_return
            else
                allocator.exposure * coalesce(lead(bars.ret_1d) over by_asset, 0)
                - variants.cost_bps / 10000
                * abs(allocator.exposure - coalesce(lag(allocator.exposure) over by_asset, 0))
        end as stream,
        case
            when variants.state_lag = 0 then bars.ret_1d
            else coalesce(lead(bars.ret_1d) over by_asset, 0)
        end as held,
        coalesce(lag(allocator.state) over by_asset, '') != allocator.state as is_change
    from marts.fct_allocator_daily as allocator
    inner join marts.dim_variants as variants
        on
            allocator.variant_id = variants.variant_id
            and variants.family = 'core'
    inner join marts.fct_bars_daily as bars
        on
            allocator.symbol = bars.symbol
            and allocator.session_date = bars.session_date
    window by_asset as (partition by allocator.variant_id, allocator.symbol order by allocator.session_date)

),

numbered as (

    select
        *,
        count(*) filter (where is_change) over (
            partition by variant_id, symbol order by session_date
        ) as spell
    from daily

),

spells as (

    select
        variant_id,
        symbol,
        spell,
        state,
        min(session_date) as first_session,
        max(session_date) as last_session,
        count(*) as sessions,
        round(avg(exposure), 9) as in_market,
        round(exp(sum(ln(1 + stream))) - 1, 9) as net_return,
        round(exp(sum(ln(1 + held))) - 1, 9) as held_return
    from numbered
    group by variant_id, symbol, spell, state

)

select
    spells.variant_id,
    assets.asset_rank,
    years.years_back,
    spells.state,
    spells.first_session,
    spells.last_session,
    spells.sessions,
    spells.in_market,
    spells.net_return,
    spells.held_return
from spells
inner join assets
    on spells.symbol = assets.symbol
inner join years
    on years.year between year(spells.first_session) and year(spells.last_session)
order by spells.variant_id, assets.asset_rank, years.years_back, spells.first_session
