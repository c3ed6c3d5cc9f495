-- On how many assets does the system of `baseline` beat holding the asset, at what share of the time, and
-- do the assets' contributions add up to the portfolio's return?
with

daily as (

    select
        allocator.symbol,
        allocator.exposure,
        allocator.net_return as stream,
        case
            when row_number() over by_asset = 1 then 0
            else bars.ret_1d
        end as held
    from marts.fct_allocator_daily as allocator
    inner join marts.fct_bars_daily as bars
        on
            allocator.symbol = bars.symbol
            and allocator.session_date = bars.session_date
    where allocator.variant_id = 'baseline'
    window by_asset as (partition by allocator.symbol order by allocator.session_date)

),

assets as (

    select
        symbol,
        round(sharpe(stream), 9) as sharpe,
        round(sharpe(held), 9) as held_sharpe,
        round(sum(ln(1 + stream)), 9) as growth,
        round(sum(ln(1 + held)), 9) as held_growth,
        avg(exposure) as exposure
    from daily
    group by symbol

),

streams as (

    select
        count(*) as assets,
        count(*) filter (where sharpe > held_sharpe) as better_sharpe,
        count(*) filter (where growth > held_growth) as better_return,
        max(sharpe) as sharpe_max,
        arg_max(symbol, (sharpe, symbol)) as best_asset,
        min(sharpe) as sharpe_min,
        arg_min(symbol, (sharpe, symbol)) as worst_asset,
        round(avg(exposure), 9) as in_market
    from assets

),

sessions as (

    select
        holdings.session_date,
        sum(holdings.contribution order by holdings.symbol) as contribution
    from marts.fct_holdings_daily as holdings
    where holdings.variant_id = 'baseline'
    group by holdings.session_date

),

sums as (

    select max(abs(sessions.contribution - portfolio.net_return)) as largest_difference
    from sessions
    inner join marts.fct_portfolio_daily as portfolio
        on
            portfolio.variant_id = 'baseline'
            and sessions.session_date = portfolio.session_date

),

parts as (

    select
        round(sum(gross_contribution), 9) as gross,
        round(sum(cost_contribution), 9) as cost,
        round(-sum(cost_contribution) / nullif(sum(gross_contribution), 0), 9) as cost_share
    from marts.fct_holdings_daily
    where variant_id = 'baseline'

)

select
    streams.*,
    sums.largest_difference,
    parts.gross,
    parts.cost,
    parts.cost_share
from streams
cross join sums
cross join parts
order by streams.assets
