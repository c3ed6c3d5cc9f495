-- How much of each Sharpe ratio may be luck? Variants and benchmarks, best first.
select
    subject,
    bool_and(coalesce(is_executable, true)) as is_executable,
    max(value) filter (where statistic = 'sharpe') as sharpe,
    max(lower) filter (where statistic = 'sharpe') as sharpe_lower,
    max(upper) filter (where statistic = 'sharpe') as sharpe_upper,
    max(value) filter (where statistic = 'probabilistic_sharpe') as probabilistic_sharpe,
    max(value) filter (where statistic = 'minimum_track_record') as minimum_track_record,
    cast(max(reference) filter (where statistic = 'minimum_track_record') as bigint) as sessions,
    max(value) filter (where statistic = 'deflated_sharpe') as deflated_sharpe,
    max(value) filter (where statistic = 'beats_always_long') as beats_always_long
from marts.rpt_overfitting
group by subject
having max(value) filter (where statistic = 'sharpe') is not null
order by sharpe desc, subject asc
