-- Did the assets diversify when it mattered? Correlation of the daily returns of each pair of the twelve
-- assets with most sessions, year by year: mean, least and greatest of the pairs.
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

),

pairs as (

    select
        year(here.session_date) as year,
        here.symbol,
        there.symbol as other_symbol,
        corr(here.ret_1d, there.ret_1d) as correlation
    from returns as here
    inner join returns as there
        on
            here.session_date = there.session_date
            and here.symbol < there.symbol
    group by year(here.session_date), here.symbol, there.symbol
    having count(*) >= 20

)

select
    year,
    round(avg(correlation), 4) as mean_correlation,
    round(min(correlation), 4) as least_correlation,
    round(max(correlation), 4) as greatest_correlation,
    count(*) as pairs
from pairs
where correlation is not null
group by year
order by year
