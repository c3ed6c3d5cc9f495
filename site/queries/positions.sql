-- Where does each variant stand now, and what is to be traded at that close?
select
    variant_id,
    symbol,
    session_date,
    state,
    weight,
    holding,
    change
from marts.rpt_current_positions
order by variant_id, symbol
