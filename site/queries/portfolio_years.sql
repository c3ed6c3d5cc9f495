-- Does each variant hold up, year by year, out of sample?
select
    year,
    variant_id,
    sharpe,
    total_return,
    max_drawdown,
    avg_leverage
from marts.rpt_walkforward_portfolio
order by year, variant_id
