-- Does each claim that is not void beat its benchmark: by how much, with which interval, and what do nine in
-- ten histories without signal gain? What is detectable, bars like these say yes to in four cases of five.
select
    claims.claim_id,
    claims.benchmark_id,
    verdicts.answer,
    verdicts.value + verdicts.reference as sharpe,
    verdicts.reference as benchmark_sharpe,
    verdicts.value as gain,
    verdicts.lower as gain_lower,
    verdicts.upper as gain_upper,
    claims.minimum_gain,
    verdicts.placebo_q05,
    verdicts.placebo_q95,
    verdicts.detectable,
    verdicts.detectable > claims.minimum_gain as is_beyond_sight
from marts.rpt_verdicts as verdicts
inner join marts.dim_claims as claims
    on
        verdicts.claim_id = claims.claim_id
        and verdicts.subject = claims.benchmark_id
where
    verdicts.metric = 'gain_over_benchmark'
    and verdicts.value is not null
    and not claims.is_void
order by claims.is_own desc, claims.stated_on desc, claims.claim_id asc
