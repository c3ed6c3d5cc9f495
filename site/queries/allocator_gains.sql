-- What does the allocator of `baseline` gain over following one strategy always, or half of each, and over
-- being always long?
select
    subject,
    value as gain,
    lower as gain_lower,
    upper as gain_upper,
    reference as single_sharpe
from marts.rpt_overfitting
where statistic = 'allocator_gain'
union all
select
    'always_long' as subject,
    sharpe.value - long.reference as gain,
    long.lower as gain_lower,
    long.upper as gain_upper,
    long.reference as single_sharpe
from marts.rpt_overfitting as long
inner join marts.rpt_overfitting as sharpe
    on
        long.subject = sharpe.subject
        and sharpe.statistic = 'sharpe'
where
    long.statistic = 'beats_always_long'
    and long.subject = 'baseline'
order by gain desc, subject asc
