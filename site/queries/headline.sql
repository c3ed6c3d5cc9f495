-- What did the research show as it was published, and what as it can be traded?
select
    baseline.sharpe,
    published.sharpe as published_sharpe
from marts.rpt_performance as baseline
inner join marts.rpt_performance as published
    on published.variant_id = 'published'
where baseline.variant_id = 'baseline'
order by baseline.sharpe
