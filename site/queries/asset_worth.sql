-- What did each asset bring the portfolio, before and after its costs, and how much of the capital stood
-- in it? Sums of daily contributions, not compounded. Of more than eight assets, the seven that moved
-- most and the others together.
with

ranked as (

    select
        symbol,
        row_number() over (order by round(sum(abs(contribution)), 9) desc, symbol) as place,
        count(*) over () as assets
    from marts.fct_holdings_daily
    where variant_id = 'baseline'
    group by symbol

),

parts as (

    select
        holdings.*,
        case when ranked.assets > 8 and ranked.place > 7 then 'others' else holdings.symbol end as asset
    from marts.fct_holdings_daily as holdings
    inner join ranked
        on holdings.symbol = ranked.symbol

)

select
    asset,
    variant_id,
    round(sum(gross_contribution), 9) as gross,
    round(sum(cost_contribution), 9) as cost,
    round(sum(contribution), 9) as net,
    case
        when round(sum(gross_contribution), 9) > 0
            then round(-sum(cost_contribution) / sum(gross_contribution), 9)
    end as cost_share,
    round(sum(holding) / count(distinct session_date), 9) as holding
from parts
group by asset, variant_id
order by asset, variant_id
