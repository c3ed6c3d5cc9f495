-- Which parameter matters? The Sharpe ratio of `baseline` with one parameter moved at a time, by 10 % and 25
-- % to each side; the parameter that spreads it most comes first.
with

moved as (

    select
        sweep.parameter,
        sweep.value as parameter_value,
        row_number() over (partition by sweep.parameter order by sweep.value) as place,
        sweep.sharpe,
        performance.sharpe as base_sharpe,
        sweep.sharpe - performance.sharpe as sharpe_change,
        sweep.max_drawdown,
        sweep.annual_turnover,
        sweep.state_agreement
    from marts.rpt_stability_sweep as sweep
    inner join marts.rpt_performance as performance
        on sweep.base_variant_id = performance.variant_id
    where
        sweep.kind = 'one_at_a_time'
        and sweep.base_variant_id = 'baseline'

)

select
    parameter,
    parameter_value,
    -- Two values lie below that of the base, two above.
    case when place <= 2 then 'lower' else 'higher' end as side,
    sharpe,
    base_sharpe,
    sharpe_change,
    max_drawdown,
    annual_turnover,
    state_agreement
from moved
order by max(abs(sharpe_change)) over (partition by parameter) desc, parameter asc, parameter_value asc
