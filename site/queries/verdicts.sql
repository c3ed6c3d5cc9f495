-- What does the warehouse answer to its questions, and from which evidence? `yes` at `threshold` or better,
-- `no` at `no_threshold` or worse, `inconclusive` between them.
select
    position,
    question_id,
    question,
    metric,
    answer,
    value,
    threshold,
    no_threshold,
    threshold > no_threshold as is_more_better,
    reason,
    evidence_table
from marts.rpt_verdicts
order by position
