-- How much of the Sharpe ratio of `baseline` may be luck: of trials, of parameters, of the order of states?
with

statistics as (

    select *
    from marts.rpt_overfitting
    where subject in ('baseline', 'all')

)

select
    max(value) filter (where statistic = 'sharpe') as sharpe,
    max(lower) filter (where statistic = 'sharpe') as sharpe_lower,
    max(upper) filter (where statistic = 'sharpe') as sharpe_upper,
    max(value) filter (where statistic = 'deflated_sharpe') as deflated_sharpe,
    max(reference) filter (where statistic = 'deflated_sharpe') as expected_maximum,
    max(reference) filter (where statistic = 'effective_trials') as trials,
    max(value) filter (where statistic = 'effective_trials') as effective_trials,
    max(value) filter (where statistic = 'minimum_track_record') as minimum_track_record,
    max(reference) filter (where statistic = 'minimum_track_record') as sessions,
    max(value) filter (where statistic = 'backtest_overfitting') as backtest_overfitting,
    max(value) filter (where statistic = 'allocator_permutation') as permutation_share,
    max(reference) filter (where statistic = 'allocator_permutation') as permutation_sharpe,
    max(lower) filter (where statistic = 'allocator_permutation') as permutation_lower,
    max(upper) filter (where statistic = 'allocator_permutation') as permutation_upper,
    max(value) filter (where statistic = 'beats_always_long') as beats_always_long,
    max(reference) filter (where statistic = 'beats_always_long') as always_long_sharpe
from statistics
order by sharpe
