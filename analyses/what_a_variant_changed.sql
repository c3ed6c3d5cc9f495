-- Where do two variants part? The days on which what they earned differs most, and what each held.
select
    baseline.session_date,
    baseline.net_return as baseline,
    other.net_return as weighting_equal,
    other.net_return - baseline.net_return as difference,
    baseline.leverage as baseline_leverage,
    other.leverage as other_leverage
from marts.fct_portfolio_daily as baseline
inner join marts.fct_portfolio_daily as other
    on
        baseline.session_date = other.session_date
        and other.variant_id = 'weighting_equal'
where baseline.variant_id = 'baseline'
order by abs(other.net_return - baseline.net_return) desc
limit 20
