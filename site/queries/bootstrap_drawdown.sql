-- How deep would the drawdown have been in other histories of the same kind? Counted in steps of 1 %,
-- beside the one that happened.
select
    paths.variant_id,
    performance.max_drawdown,
    round(floor(paths.max_drawdown / 0.01) * 0.01, 2) as from_drawdown,
    round(floor(paths.max_drawdown / 0.01) * 0.01 + 0.01, 2) as to_drawdown,
    count(*) as histories
from marts.fct_bootstrap_paths as paths
inner join marts.rpt_performance as performance
    on paths.variant_id = performance.variant_id
where paths.max_drawdown is not null
group by paths.variant_id, performance.max_drawdown, floor(paths.max_drawdown / 0.01)
order by paths.variant_id, from_drawdown
