-- What became of 1 in the stream of each asset, and of 1 in the asset itself? The last session of each
-- week, of each month where there are more than four assets; of more than eight, the first eight. Who
-- holds buys at the first close.
with

assets as (

    select
        symbol,
        case when count(*) over () > 4 then 'month' else 'week' end as step
    from marts.dim_assets
    order by sessions desc, symbol asc
    limit 8

),

daily as (

    select
        allocator.variant_id,
        allocator.symbol,
        allocator.session_date,
        coalesce(allocator.target_return, allocator.net_return) as stream,
        case
            when row_number() over by_asset = 1 then 0
            else bars.ret_1d
        end as held,
        date_trunc(assets.step, allocator.session_date) as period
    from marts.fct_allocator_daily as allocator
    inner join marts.fct_bars_daily as bars
        on
            allocator.symbol = bars.symbol
            and allocator.session_date = bars.session_date
    inner join assets
        on allocator.symbol = assets.symbol
    window by_asset as (partition by allocator.variant_id, allocator.symbol order by allocator.session_date)

),

growing as (

    select
        *,
        exp(sum(ln(1 + stream)) over so_far) as equity,
        exp(sum(ln(1 + held)) over so_far) as held_equity
    from daily
    window so_far as (partition by variant_id, symbol order by session_date)

)

select
    variant_id,
    symbol,
    session_date,
    round(equity, 3) as equity,
    round(held_equity, 3) as held_equity
from growing
qualify session_date = max(session_date) over (partition by variant_id, symbol, period)
order by variant_id, symbol, session_date
