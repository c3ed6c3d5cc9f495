-- How stable is `baseline`, and which of its parameters matters most?
with

draws as (

    select
        min(state_agreement) as state_agreement,
        min(sharpe) as sharpe_min,
        max(sharpe) as sharpe_max,
        count(*) as runs
    from marts.rpt_stability_sweep
    where
        kind = 'joint'
        and base_variant_id = 'baseline'

),

parameters as (

    select
        arg_max(parameter, (sharpe_spread, parameter)) as parameter,
        max(sharpe_spread) as sharpe_spread
    from marts.rpt_stability_summary
    where
        kind = 'one_at_a_time'
        and base_variant_id = 'baseline'

)

select
    performance.sharpe as base_sharpe,
    draws.state_agreement,
    draws.sharpe_min,
    draws.sharpe_max,
    draws.runs,
    parameters.parameter,
    parameters.sharpe_spread
from marts.rpt_performance as performance
cross join draws
cross join parameters
where performance.variant_id = 'baseline'
order by base_sharpe
