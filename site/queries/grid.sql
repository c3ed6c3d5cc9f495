-- What becomes of the Sharpe ratio on the grid of the two limits of the 20-session momentum, around each
-- base?
select
    sweep.base_variant_id as variant_id,
    sweep.trend_mom20_min,
    sweep.meanrev_mom20_max,
    sweep.sharpe,
    sweep.max_drawdown,
    sweep.state_agreement,
    sweep.trend_mom20_min = base.trend_mom20_min
    and sweep.meanrev_mom20_max = base.meanrev_mom20_max as is_base
from marts.rpt_stability_sweep as sweep
inner join marts.dim_variants as base
    on sweep.base_variant_id = base.variant_id
where sweep.kind = 'grid'
order by sweep.base_variant_id, sweep.trend_mom20_min, sweep.meanrev_mom20_max
