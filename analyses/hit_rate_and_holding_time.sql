-- How often does a trade win, how long is it held, and what does a win pay against a loss?
-- Closed trades of `baseline`; net_return is after both costs.
select
    symbol,
    strategy,
    count(*) as trades,
    avg(case when net_return > 0 then 1.0 else 0.0 end) as hit_rate,
    avg(sessions) as mean_sessions,
    avg(case when net_return > 0 then net_return end) as mean_win,
    avg(case when net_return <= 0 then net_return end) as mean_loss
from marts.fct_trades
where
    variant_id = 'baseline'
    and exit_date is not null
group by symbol, strategy
order by symbol, strategy
