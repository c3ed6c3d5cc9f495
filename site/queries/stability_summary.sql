-- How far do the Sharpe ratio and the states move under each kind of perturbation?
select
    base_variant_id as variant_id,
    kind as perturbation,
    sum(runs) as runs,
    min(sharpe_min) as sharpe_min,
    median(sharpe_median) as sharpe_median,
    max(sharpe_max) as sharpe_max,
    min(max_drawdown_worst) as max_drawdown,
    min(state_agreement_min) as state_agreement
from marts.rpt_stability_summary
group by base_variant_id, kind
order by base_variant_id, kind
