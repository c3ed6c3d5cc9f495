-- How much was held in each crisis, and what did it cost against holding everything?
with

exposure as (

    select
        variant_id,
        session_date,
        sum(holding) as gross_exposure
    from marts.fct_holdings_daily
    group by variant_id, session_date

)

select
    scenarios.scenario_id,
    avg(portfolio.leverage) as mean_leverage,
    avg(exposure.gross_exposure) as mean_exposure,
    min(portfolio.drawdown) as deepest_drawdown,
    product(1 + portfolio.net_return) - 1 as total_return,
    product(1 + benchmark.net_return) - 1 as equal_weight
from marts.dim_scenarios as scenarios
inner join marts.fct_portfolio_daily as portfolio
    on
        portfolio.session_date between cast(json_extract_string(scenarios.parameters, '$.from') as date)
        and cast(json_extract_string(scenarios.parameters, '$.to') as date)
inner join exposure
    on
        portfolio.variant_id = exposure.variant_id
        and portfolio.session_date = exposure.session_date
inner join marts.fct_benchmark_daily as benchmark
    on
        portfolio.session_date = benchmark.session_date
        and benchmark.benchmark_id = 'equal_weight'
where
    scenarios.kind = 'window'
    and portfolio.variant_id = 'baseline'
group by scenarios.scenario_id
order by min(portfolio.session_date)
