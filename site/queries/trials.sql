-- How many trials were counted, what would the best of them show by luck, and how often are the parameters
-- that are best in one half of history below the median in the other?
select
    max(value) filter (where statistic = 'effective_trials') as effective_trials,
    max(trials) filter (where statistic = 'effective_trials') as trials,
    max(value) filter (where statistic = 'backtest_overfitting') as backtest_overfitting
from marts.rpt_overfitting
order by trials
