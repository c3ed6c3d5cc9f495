-- What came of each scenario that the bars cover? First the shocks, the worst first; then windows of history.
select
    scenarios.scenario_id,
    scenarios.description,
    stress.sharpe,
    stress.sharpe_change,
    stress.total_return,
    stress.max_drawdown,
    published.sharpe as published_sharpe,
    published.sharpe_change as published_change
from marts.dim_scenarios as scenarios
inner join marts.rpt_stress as stress
    on
        scenarios.scenario_id = stress.scenario_id
        and stress.variant_id = 'baseline'
left join marts.rpt_stress as published
    on
        scenarios.scenario_id = published.scenario_id
        and published.variant_id = 'published'
where stress.is_covered
order by scenarios.kind = 'window', stress.sharpe_change, scenarios.scenario_id
