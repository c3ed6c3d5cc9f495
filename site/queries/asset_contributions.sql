-- What did each asset bring the portfolio in each year? Sums of daily contributions after costs, not
-- compounded. Of more than eight assets, the seven that moved most and the others together.
with

ranked as (

    select
        symbol,
        row_number() over (order by round(sum(abs(contribution)), 9) desc, symbol) as place,
        count(*) over () as assets
    from marts.fct_holdings_daily
    where variant_id = 'baseline'
    group by symbol

)

select
    holdings.variant_id,
    case when ranked.assets > 8 and ranked.place > 7 then 'others' else holdings.symbol end as asset,
    year(holdings.session_date) as year,
    round(sum(holdings.contribution), 5) as contribution
from marts.fct_holdings_daily as holdings
inner join ranked
    on holdings.symbol = ranked.symbol
group by holdings.variant_id, asset, year(holdings.session_date)
order by holdings.variant_id, asset, year
