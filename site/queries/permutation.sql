-- Does it matter which state stands at which time? The Sharpe ratio of `baseline` before costs, beside what
-- 95 % of the allocators with shuffled states reach.
select
    subject,
    reference as permutation_sharpe,
    lower as permutation_lower,
    upper as permutation_upper,
    value as permutation_share
from marts.rpt_overfitting
where statistic = 'allocator_permutation'
order by subject
