-- What stood in each asset, on average of each month? Of more than eight assets, the seven held most and the
-- others together.
with

ranked as (

    select
        symbol,
        row_number() over (order by avg(holding) desc, symbol) as place,
        count(*) over () as assets
    from marts.fct_holdings_daily
    where variant_id = 'baseline'
    group by symbol

),

monthly as (

    select
        variant_id,
        symbol,
        cast(date_trunc('month', session_date) as date) as month,
        avg(holding) as holding
    from marts.fct_holdings_daily
    group by variant_id, symbol, date_trunc('month', session_date)

)

select
    monthly.variant_id,
    case when ranked.assets > 8 and ranked.place > 7 then 'others' else monthly.symbol end as asset,
    monthly.month,
    round(sum(monthly.holding), 3) as holding
from monthly
inner join ranked
    on monthly.symbol = ranked.symbol
group by monthly.variant_id, asset, monthly.month
order by monthly.variant_id, asset, monthly.month
