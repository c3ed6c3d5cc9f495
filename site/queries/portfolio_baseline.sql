-- In how many years, of at least half the usual sessions, did `baseline` earn something, and how far was its
-- volatility from the target?
with

whole_years as (

    select year
    from marts.dim_sessions
    group by year
    having count(*) >= 126

)

select
    performance.sharpe,
    performance.max_drawdown,
    performance.annual_volatility,
    variants.target_volatility,
    variants.max_leverage,
    variants.max_weight,
    count(*) as years,
    count(*) filter (where years.total_return > 0) as years_gained,
    min(years.sharpe) as worst_sharpe,
    arg_min(years.year, years.sharpe) as worst_year
from marts.rpt_performance as performance
inner join marts.dim_variants as variants
    on performance.variant_id = variants.variant_id
inner join marts.rpt_walkforward_portfolio as years
    on performance.variant_id = years.variant_id
inner join whole_years
    on years.year = whole_years.year
where performance.variant_id = 'baseline'
group by all
order by years
