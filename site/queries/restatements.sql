-- Which returns did a later batch change, and by how much? The hundred largest changes.
select
    symbol,
    session_date,
    previous_return,
    new_return,
    return_change,
    batch_id
from marts.fct_restatements
order by abs(return_change) desc, symbol asc, session_date asc, batch_id asc
limit 100
