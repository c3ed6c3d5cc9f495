-- How many of the answers are yes, no and inconclusive?
select
    count(*) as answers,
    count(*) filter (where answer = 'yes') as yes,
    count(*) filter (where answer = 'no') as no,
    count(*) filter (where answer = 'inconclusive') as inconclusive
from marts.rpt_verdicts
order by answers
