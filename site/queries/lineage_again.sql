-- Is the Sharpe ratio of `baseline` what its holdings and the prices give? Computed again, each time from
-- further back. Sums run in the order of sessions, so that they are the same to the last bit every time.
with

held as (

    select
        holdings.symbol,
        holdings.session_date,
        holdings.holding,
        holdings.contribution,
        coalesce(
            lag(holdings.holding) over (partition by holdings.symbol order by holdings.session_date), 0
        ) as holding_before,
        variants.cost_bps / 10000 as cost_rate
    from marts.fct_holdings_daily as holdings
    inner join marts.dim_variants as variants
        on holdings.variant_id = variants.variant_id
    where holdings.variant_id = 'baseline'

),

prices as (

    select
        symbol,
        session_date,
        adj_close / lag(adj_close) over (partition by symbol order by session_date) - 1 as price_return
    from marts.fct_bars_daily

),

sessions as (

    select
        held.session_date,
        sum(held.contribution order by held.symbol) as of_contributions,
        sum(held.holding_before * coalesce(prices.price_return, 0) order by held.symbol)
        - sum(held.cost_rate * abs(held.holding - held.holding_before) order by held.symbol) as of_holdings
    from held
    left join prices
        on
            held.symbol = prices.symbol
            and held.session_date = prices.session_date
    group by held.session_date

),

stacked as (

    select
        2 as step,
        session_date,
        net_return,
        net_return as in_warehouse
    from marts.fct_portfolio_daily
    where variant_id = 'baseline'
    union all
    select
        3 as step,
        sessions.session_date,
        sessions.of_contributions as net_return,
        portfolio.net_return as in_warehouse
    from sessions
    inner join marts.fct_portfolio_daily as portfolio
        on
            portfolio.variant_id = 'baseline'
            and sessions.session_date = portfolio.session_date
    union all
    select
        4 as step,
        sessions.session_date,
        sessions.of_holdings as net_return,
        portfolio.net_return as in_warehouse
    from sessions
    inner join marts.fct_portfolio_daily as portfolio
        on
            portfolio.variant_id = 'baseline'
            and sessions.session_date = portfolio.session_date

),

means as (

    select
        step,
        sum(net_return order by session_date) / count(*) as mean_return,
        max(abs(net_return - in_warehouse)) as largest_difference
    from stacked
    group by step

),

ratios as (

    select
        stacked.step,
        any_value(means.largest_difference) as largest_difference,
        sqrt(252) * any_value(means.mean_return) / sqrt(
            sum(power(stacked.net_return - means.mean_return, 2) order by stacked.session_date) / count(*)
        ) as sharpe_again
    from stacked
    inner join means
        on stacked.step = means.step
    group by stacked.step

)

select
    1 as step,
    'As `rpt_performance` and the front page say it' as basis,
    sharpe as sharpe_again,
    null as sharpe_difference,
    null as largest_difference
from marts.rpt_performance
where variant_id = 'baseline'
union all
select
    ratios.step,
    [
        'From the returns in `fct_portfolio_daily`',
        'From the contributions in `fct_holdings_daily`, added up by session',
        'From holdings and prices: holding of the session before × change of `adj_close` − cost × trade'
    ][ratios.step - 1] as basis,
    ratios.sharpe_again,
    ratios.sharpe_again - performance.sharpe as sharpe_difference,
    ratios.largest_difference
from ratios
inner join marts.rpt_performance as performance
    on performance.variant_id = 'baseline'
order by step
