-- How does the real history compare with the resampled ones?
select
    paths.variant_id,
    count(*) as histories,
    performance.sharpe,
    round(avg(case when paths.sharpe < performance.sharpe then 1.0 else 0.0 end), 6) as sharpe_rank,
    quantile_cont(paths.sharpe, 0.05) as sharpe_tail,
    median(paths.sharpe) as sharpe_median,
    performance.max_drawdown,
    median(paths.max_drawdown) as drawdown_median,
    quantile_cont(paths.max_drawdown, 0.05) as drawdown_tail,
    quantile_cont(paths.time_under_water, 0.95) as under_water_tail
from marts.fct_bootstrap_paths as paths
inner join marts.rpt_performance as performance
    on paths.variant_id = performance.variant_id
group by paths.variant_id, performance.sharpe, performance.max_drawdown
order by paths.variant_id
