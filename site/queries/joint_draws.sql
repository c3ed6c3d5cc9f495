-- How are the Sharpe ratios spread when all parameters move at once, within 20 %? Counted in steps of 0.05.
select
    performance.sharpe as base_sharpe,
    round(floor(sweep.sharpe / 0.05) * 0.05, 2) as from_sharpe,
    round(floor(sweep.sharpe / 0.05) * 0.05 + 0.05, 2) as to_sharpe,
    count(*) as draws
from marts.rpt_stability_sweep as sweep
inner join marts.rpt_performance as performance
    on sweep.base_variant_id = performance.variant_id
where
    sweep.kind = 'joint'
    and sweep.base_variant_id = 'baseline'
group by performance.sharpe, floor(sweep.sharpe / 0.05)
order by from_sharpe
