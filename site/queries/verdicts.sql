-- What was measured behind the answers: the value, its interval, and what nine in ten histories without
-- signal show? Where a metric is about skill, a yes has to lie beyond these. What two questions ask is here
-- once.
select
    verdicts.claim_id,
    verdicts.metric,
    verdicts.subject as held_against,
    verdicts.answer,
    verdicts.value,
    verdicts.lower,
    verdicts.upper,
    verdicts.placebo_q05,
    verdicts.placebo_q95,
    verdicts.p_placebo,
    verdicts.detectable,
    verdicts.threshold,
    verdicts.no_threshold
from marts.rpt_verdicts as verdicts
inner join marts.dim_claims as claims
    on verdicts.claim_id = claims.claim_id
qualify
    row_number() over (
        partition by verdicts.claim_id, verdicts.metric, verdicts.subject
        order by verdicts.position
    ) = 1
order by
    claims.is_own desc,
    claims.stated_on desc,
    claims.claim_id asc,
    verdicts.position asc,
    verdicts.subject asc
