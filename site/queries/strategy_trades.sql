-- How often does a trade of `baseline` win, how long is it held, and what does a win pay against a loss?
-- Closed trades, after both costs.
select
    strategy,
    symbol,
    count(*) as trades,
    round(avg(case when net_return > 0 then 1.0 else 0.0 end), 6) as hit_rate,
    round(avg(sessions), 6) as mean_sessions,
    round(avg(net_return), 8) as mean_trade,
    round(avg(net_return) filter (where net_return > 0), 8) as mean_win,
    round(avg(net_return) filter (where net_return <= 0), 8) as mean_loss,
    min(net_return) as worst_trade,
    max(net_return) as best_trade
from marts.fct_trades
where
    variant_id = 'baseline'
    and exit_date is not null
group by strategy, symbol
order by strategy, symbol
