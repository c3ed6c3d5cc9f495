-- What would other histories of the same kind have given? Sharpe ratios of the resampled histories, counted
-- in steps of 0.05, beside the one that happened.
select
    paths.variant_id,
    performance.sharpe,
    round(floor(paths.sharpe / 0.05) * 0.05, 2) as from_sharpe,
    round(floor(paths.sharpe / 0.05) * 0.05 + 0.05, 2) as to_sharpe,
    count(*) as histories
from marts.fct_bootstrap_paths as paths
inner join marts.rpt_performance as performance
    on paths.variant_id = performance.variant_id
where paths.sharpe is not null
group by paths.variant_id, performance.sharpe, floor(paths.sharpe / 0.05)
order by paths.variant_id, from_sharpe
