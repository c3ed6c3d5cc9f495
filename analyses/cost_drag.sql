-- What do costs take, by year and variant? Contributions add up to the daily return, so their sum is
-- the return a year before compounding, and cost_contribution its charge.
select
    variant_id,
    year(session_date) as year,
    sum(gross_contribution) as gross,
    sum(cost_contribution) as cost,
    -sum(cost_contribution) / nullif(abs(sum(gross_contribution)), 0) as cost_share
from marts.fct_holdings_daily
where variant_id in ('baseline', 'weighting_equal', 'allocator_hysteresis')
group by variant_id, year(session_date)
order by variant_id, year
