-- What was each piece of the published conventions worth? From `published` to `baseline`, one switch at a
-- time. A step is of the look-ahead if it lets one more decision wait for the next session's return.
with

steps as (

    select
        bridge.*,
        variants.is_executable,
        variants.state_lag + variants.weight_lag + variants.leverage_lag as lags
    from marts.rpt_convention_bridge as bridge
    inner join marts.dim_variants as variants
        on bridge.variant_id = variants.variant_id

),

kinds as (

    select
        *,
        sharpe - coalesce(sharpe_change, sharpe) as from_sharpe,
        case
            when variant_id = 'published' then 'published'
            when lags > lag(lags) over (order by step) then 'look-ahead'
            else 'convention'
        end as kind,
        case when variant_id = 'baseline' then 'costs on leverage' end as last_piece
    from steps

)

select
    step,
    -- What the step's variant is named after: bridge_4_warm_up is the step of warm_up.
    coalesce(last_piece, replace(regexp_replace(variant_id, '^bridge_[0-9]+_', ''), '_', ' ')) as piece,
    kind,
    convention,
    variant_id,
    is_executable,
    sharpe_change,
    sharpe,
    from_sharpe,
    total_return,
    max_drawdown
from kinds
union all
select
    max(step) + 1 as step,
    'baseline' as piece,
    'baseline' as kind,
    'The system as it can be traded.' as convention,
    'baseline' as variant_id,
    true as is_executable,
    null as sharpe_change,
    arg_max(sharpe, step) as sharpe,
    0 as from_sharpe,
    arg_max(total_return, step) as total_return,
    arg_max(max_drawdown, step) as max_drawdown
from kinds
order by step
