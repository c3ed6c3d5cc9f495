-- How much of the way from `published` to `baseline` is look-ahead, and how much the other conventions?
with

steps as (

    select
        bridge.step,
        bridge.sharpe,
        bridge.sharpe_change,
        variants.is_executable,
        variants.state_lag + variants.weight_lag + variants.leverage_lag as lags
    from marts.rpt_convention_bridge as bridge
    inner join marts.dim_variants as variants
        on bridge.variant_id = variants.variant_id

),

changes as (

    select
        *,
        lags > lag(lags) over (order by step) as is_lookahead
    from steps

)

select
    arg_min(sharpe, step) as published_sharpe,
    arg_max(sharpe, step) as baseline_sharpe,
    sum(sharpe_change) filter (where is_lookahead) as lookahead_change,
    sum(sharpe_change) filter (where not is_lookahead) as convention_change,
    count(*) filter (where is_lookahead) as lookahead_steps,
    count(*) filter (where not is_lookahead) as convention_steps,
    count(*) as steps,
    count(*) filter (where not is_executable) as not_executable_steps
from changes
order by published_sharpe
