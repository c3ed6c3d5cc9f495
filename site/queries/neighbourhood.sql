-- What do the neighbours of each claimed variant say: what 95 % of them keep of its Sharpe ratio and of its
-- states, and how many lie below it?
select
    claims.claim_id,
    claims.variant_id,
    performance.sharpe,
    count(sweep.sharpe) as neighbours,
    count(*) filter (where sweep.sharpe < performance.sharpe) as neighbours_below,
    quantile_cont(sweep.sharpe, 0.05) as sharpe_min,
    median(sweep.sharpe) as sharpe_median,
    quantile_cont(sweep.state_agreement, 0.05) as state_agreement
from marts.dim_claims as claims
inner join marts.rpt_performance as performance
    on claims.variant_id = performance.variant_id
inner join marts.rpt_stability_sweep as sweep
    on
        claims.variant_id = sweep.base_variant_id
        and sweep.kind = 'neighbour'
group by claims.claim_id, claims.is_own, claims.stated_on, claims.variant_id, performance.sharpe
order by claims.is_own desc, claims.stated_on desc, claims.claim_id asc
