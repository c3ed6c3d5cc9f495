-- Which parameter matters most, and to which side? One at a time, around `baseline`.
select
    sweep.parameter,
    sweep.value,
    sweep.sharpe - performance.sharpe as sharpe_change,
    sweep.max_drawdown - performance.max_drawdown as max_drawdown_change,
    sweep.annual_turnover - performance.annual_turnover as turnover_change
from marts.rpt_stability_sweep as sweep
inner join marts.rpt_performance as performance
    on sweep.base_variant_id = performance.variant_id
where
    sweep.kind = 'one_at_a_time'
    and sweep.base_variant_id = 'baseline'
order by
    max(abs(sweep.sharpe - performance.sharpe)) over (partition by sweep.parameter) desc,
    sweep.parameter asc,
    sweep.value asc
