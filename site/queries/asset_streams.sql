-- What did the system earn on each asset, and what was there to be earned by holding it over the same
-- sessions? The stream is what the reports of a year are made of: under `warm_up` = `year` after the
-- asset's own volatility target, otherwise without leverage. Who holds buys at the first close. Of more
-- than eight assets, the first eight. Rounded, because a sum of doubles differs in its last bits with the
-- number of threads.
with

assets as (

    select symbol
    from marts.dim_assets
    order by sessions desc, symbol asc
    limit 8

),

daily as (

    select
        allocator.variant_id,
        allocator.symbol,
        allocator.session_date,
        allocator.exposure,
        coalesce(allocator.target_return, allocator.net_return) as stream,
        case
            when row_number() over by_asset = 1 then 0
            else bars.ret_1d
        end as held
    from marts.fct_allocator_daily as allocator
    inner join marts.fct_bars_daily as bars
        on
            allocator.symbol = bars.symbol
            and allocator.session_date = bars.session_date
    where allocator.symbol in (select assets.symbol from assets)
    window by_asset as (partition by allocator.variant_id, allocator.symbol order by allocator.session_date)

),

growing as (

    select
        *,
        exp(sum(ln(1 + stream)) over so_far) as equity,
        exp(sum(ln(1 + held)) over so_far) as held_equity
    from daily
    window so_far as (partition by variant_id, symbol order by session_date)

),

falling as (

    select
        *,
        equity / greatest(1, max(equity) over so_far) - 1 as drawdown,
        held_equity / greatest(1, max(held_equity) over so_far) - 1 as held_drawdown
    from growing
    window so_far as (partition by variant_id, symbol order by session_date)

)

select
    symbol,
    variant_id,
    round(sharpe(stream), 9) as sharpe,
    round(sharpe(held), 9) as held_sharpe,
    round(max_by(equity, session_date) - 1, 9) as total_return,
    round(max_by(held_equity, session_date) - 1, 9) as held_return,
    round(min(drawdown), 9) as max_drawdown,
    round(min(held_drawdown), 9) as held_drawdown,
    round(avg(exposure), 9) as in_market,
    count(*) as sessions
from falling
group by symbol, variant_id
order by symbol, variant_id
