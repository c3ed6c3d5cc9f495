-- How alike do the assets move? Correlation of daily returns on the sessions that both have; the twelve with
-- most sessions.
with

assets as (

    select symbol
    from marts.dim_assets
    order by sessions desc, symbol asc
    limit 12

),

returns as (

    select
        bars.symbol,
        bars.session_date,
        bars.ret_1d
    from marts.fct_bars_daily as bars
    inner join assets
        on bars.symbol = assets.symbol
    where
        bars.ret_1d is not null
        and not bars.is_filled

)

select
    here.symbol,
    there.symbol as other_symbol,
    round(corr(here.ret_1d, there.ret_1d), 4) as correlation,
    count(*) as sessions
from returns as here
inner join returns as there
    on
        here.session_date = there.session_date
        and here.symbol != there.symbol
group by here.symbol, there.symbol
order by here.symbol, other_symbol
