-- What does each shock do to the Sharpe ratio of the whole line? The worst for `baseline` first; windows
-- change nothing and are left out.
with

shocked as (

    select
        scenario_id,
        variant_id,
        sharpe,
        sharpe_change,
        max_drawdown,
        max_drawdown_change,
        min(case when variant_id = 'baseline' then sharpe_change end) over (partition by scenario_id) as worst
    from marts.rpt_stress
    where
        is_covered
        and sharpe_change is not null

)

select
    scenario_id,
    variant_id,
    sharpe,
    sharpe_change,
    max_drawdown,
    max_drawdown_change
from shocked
order by worst, scenario_id, variant_id
