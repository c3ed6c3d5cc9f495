-- What became of 1, week by week, under each step of the bridge?
select
    steps.step,
    portfolio.variant_id,
    portfolio.session_date,
    round(portfolio.equity, 4) as equity
from marts.rpt_convention_bridge as steps
inner join marts.fct_portfolio_daily as portfolio
    on steps.variant_id = portfolio.variant_id
where steps.variant_id in ('published', 'bridge_3_leverage_lag', 'baseline')
qualify
    portfolio.session_date = max(portfolio.session_date) over (
        partition by steps.step, date_trunc('week', portfolio.session_date)
    )
order by steps.step, portfolio.session_date
