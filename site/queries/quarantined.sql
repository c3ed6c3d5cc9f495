-- Which rows were refused, by asset and reason?
select
    symbol,
    check_id,
    count(*) as quarantined_rows,
    min(session_date) as first_session,
    max(session_date) as last_session
from marts.fct_quarantined_bars
group by symbol, check_id
order by symbol, check_id
