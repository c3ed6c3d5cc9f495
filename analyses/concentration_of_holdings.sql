-- How concentrated is the portfolio? The effective number of assets held (inverse Herfindahl index), and how
-- often one asset stands at its cap.
with

daily as (

    select
        holdings.session_date,
        sum(holdings.holding) as gross,
        sum(holdings.holding * holdings.holding) as squares,
        max(case when holdings.weight >= variants.max_weight then 1.0 else 0.0 end) as is_capped
    from marts.fct_holdings_daily as holdings
    inner join marts.dim_variants as variants
        on holdings.variant_id = variants.variant_id
    where holdings.variant_id = 'baseline'
    group by holdings.session_date

)

select
    year(session_date) as year,
    avg(gross * gross / nullif(squares, 0)) as effective_assets,
    avg(is_capped) as share_capped,
    avg(case when gross = 0 then 1.0 else 0.0 end) as share_all_cash
from daily
group by year(session_date)
order by year
