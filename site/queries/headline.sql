-- What are the results of the two core variants, and what did the look-ahead add?
select
    baseline.sharpe,
    baseline.total_return,
    baseline.max_drawdown,
    published.sharpe as published_sharpe,
    published.sharpe - baseline.sharpe as sharpe_lost,
    published.sharpe > baseline.sharpe as is_published_higher
from marts.rpt_performance as baseline
inner join marts.rpt_performance as published
    on published.variant_id = 'published'
where baseline.variant_id = 'baseline'
order by baseline.sharpe
