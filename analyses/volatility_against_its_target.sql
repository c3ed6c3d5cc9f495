-- Is the volatility target met, year by year? Realised volatility beside the target; 1 is on the mark.
select
    portfolio.variant_id,
    year(portfolio.session_date) as year,
    annual_volatility(portfolio.net_return) / min(variants.target_volatility) as realised_to_target,
    avg(portfolio.leverage) as mean_leverage
from marts.fct_portfolio_daily as portfolio
inner join marts.dim_variants as variants
    on portfolio.variant_id = variants.variant_id
where portfolio.variant_id in ('baseline', 'weighting_equal')
group by portfolio.variant_id, year(portfolio.session_date)
order by portfolio.variant_id, year
