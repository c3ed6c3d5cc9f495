-- Does each strategy generalise, and does it time the market: does it earn more than holding each asset at
-- the same mean exposure would? Test years of at least half the usual sessions.
with

folds as (

    select
        ratios.strategy,
        median(ratios.in_sample_sharpe) as in_sample_median,
        median(ratios.out_of_sample_sharpe) as out_of_sample_median,
        round(
            avg(case when ratios.out_of_sample_sharpe < ratios.in_sample_sharpe then 1.0 else 0.0 end), 6
        ) as share_lower,
        round(corr(ratios.in_sample_sharpe, ratios.out_of_sample_sharpe), 6) as fold_correlation
    from marts.rpt_generalisation as ratios
    inner join marts.dim_folds as folds
        on
            ratios.symbol = folds.symbol
            and ratios.year = folds.year
    where
        ratios.in_sample_sharpe is not null
        and ratios.out_of_sample_sharpe is not null
        and folds.test_sessions >= 126
    group by ratios.strategy

)

select
    folds.*,
    timing.value as timing_sharpe,
    timing.lower as timing_lower,
    timing.upper as timing_upper,
    timing.placebo_q05,
    timing.placebo_q95
from folds
left join marts.rpt_claim_metrics as timing
    on
        folds.strategy = timing.subject
        and timing.metric = 'timing_skill'
        and timing.claim_id = 'baseline'
order by folds.strategy
