-- How does the real history compare with a thousand resampled ones? The share of them that did worse.
select
    paths.variant_id,
    performance.sharpe,
    avg(case when paths.sharpe < performance.sharpe then 1.0 else 0.0 end) as sharpe_rank,
    quantile_cont(paths.sharpe, 0.05) as sharpe_5_percent,
    quantile_cont(paths.max_drawdown, 0.05) as max_drawdown_5_percent,
    quantile_cont(paths.time_under_water, 0.95) as time_under_water_95_percent
from marts.fct_bootstrap_paths as paths
inner join marts.rpt_performance as performance
    on paths.variant_id = performance.variant_id
group by paths.variant_id, performance.sharpe
order by paths.variant_id
