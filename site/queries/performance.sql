-- What did each variant earn over all its sessions, and at what risk and turnover?
select
    variant_id,
    sharpe,
    total_return,
    annual_return,
    annual_volatility,
    max_drawdown,
    avg_leverage,
    avg_gross_exposure,
    annual_turnover,
    first_session,
    last_session,
    sessions
from marts.rpt_performance
order by sharpe desc, variant_id asc
