-- Is any tradable variant better than each benchmark, allowing for having tried them all? A small value says
-- that some variant is.
select
    subject,
    value as superior_p,
    lower as superior_lower,
    upper as superior_upper
from marts.rpt_overfitting
where statistic = 'superior_predictive_ability'
order by superior_p, subject
