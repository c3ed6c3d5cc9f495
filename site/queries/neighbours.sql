-- How are the Sharpe ratios of a variant's neighbours spread, every parameter moved by up to 20 % at once?
-- Counted in steps of 0.05.
select
    claims.claim_id,
    sweep.base_variant_id as variant_id,
    performance.sharpe as base_sharpe,
    round(floor(sweep.sharpe / 0.05) * 0.05, 2) as from_sharpe,
    round(floor(sweep.sharpe / 0.05) * 0.05 + 0.05, 2) as to_sharpe,
    count(*) as neighbours
from marts.rpt_stability_sweep as sweep
inner join marts.rpt_performance as performance
    on sweep.base_variant_id = performance.variant_id
inner join marts.dim_claims as claims
    on sweep.base_variant_id = claims.variant_id
where
    sweep.kind = 'neighbour'
    and sweep.sharpe is not null
group by claims.claim_id, sweep.base_variant_id, performance.sharpe, floor(sweep.sharpe / 0.05)
order by claims.claim_id, from_sharpe
