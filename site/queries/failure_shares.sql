-- Which share of the depth of all deep drawdowns did each failure mode lose, beside what it loses in nine of
-- ten histories without signal?
select
    claim_id,
    subject as failure_mode,
    case
        when metric = 'failure_aspect' then 'aspect'
        when subject = 'constant_exposure' then 'constant'
        else 'part'
    end as role,
    value as share_of_depth,
    placebo_q05 as placebo_share_q05,
    placebo_q95 as placebo_share_q95
from marts.rpt_claim_metrics
where
    metric in ('failure_share', 'failure_aspect')
    and value is not null
order by claim_id asc, role = 'aspect' asc, role = 'part' asc, share_of_depth desc, failure_mode asc
