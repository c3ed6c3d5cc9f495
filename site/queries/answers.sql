-- What is the answer to each question, for each claim? Own claims first.
select
    answers.claim_id,
    answers.position,
    answers.question_id,
    answers.question,
    answers.answer,
    answers.sentence,
    answers.deciding_metric
from marts.rpt_answers as answers
inner join marts.dim_claims as claims
    on answers.claim_id = claims.claim_id
order by claims.is_own desc, claims.stated_on desc, claims.claim_id asc, answers.position asc
