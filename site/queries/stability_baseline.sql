-- Which parameter of `baseline` matters most?
select
    arg_max(parameter, (sharpe_spread, parameter)) as parameter,
    max(sharpe_spread) as sharpe_spread
from marts.rpt_stability_summary
where
    kind = 'one_at_a_time'
    and base_variant_id = 'baseline'
order by parameter
