-- How far apart do executable variants of the same idea end? Equity at the last session of each week.
select
    portfolio.variant_id,
    portfolio.session_date,
    round(portfolio.equity, 4) as equity
from marts.fct_portfolio_daily as portfolio
inner join marts.dim_variants as variants
    on portfolio.variant_id = variants.variant_id
where variants.is_executable
qualify
    portfolio.session_date = max(portfolio.session_date) over (
        partition by portfolio.variant_id, date_trunc('week', portfolio.session_date)
    )
order by portfolio.variant_id != 'baseline', portfolio.variant_id, portfolio.session_date
