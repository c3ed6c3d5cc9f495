-- What would holding each asset have been like, over all its bars and before costs?
select
    symbol,
    count(ret_1d) as sessions,
    exp(round(sum(ln(1 + ret_1d)), 8) * 252 / count(ret_1d)) - 1 as annual_return,
    round(stddev_pop(ret_1d), 8) * sqrt(252) as annual_volatility,
    round(sharpe(ret_1d), 6) as sharpe,
    min(ret_1d) as worst_session,
    max(ret_1d) as best_session,
    round(skewness(ret_1d), 4) as skewness,
    round(kurtosis(ret_1d), 4) as excess_kurtosis
from marts.fct_bars_daily
where ret_1d is not null
group by symbol
order by symbol
