-- Where did the holdings come from that earned on the session of the largest move? Decided at the close
-- before: exposure of the strategy that the state names, weight, leverage. Assets as in the session
-- worked out.
with

session as (

    select
        session_date,
        lag(session_date) over (order by session_date) as session_before,
        net_return
    from marts.fct_portfolio_daily
    where variant_id = 'baseline'
    qualify row_number() over (order by abs(net_return) desc, session_date desc) = 1

),

moved as (

    select holdings.symbol
    from marts.fct_holdings_daily as holdings
    inner join session
        on holdings.session_date = session.session_date
    where holdings.variant_id = 'baseline'
    order by abs(holdings.contribution) desc, holdings.symbol asc
    limit 20

)

select
    holdings.symbol,
    features.mom_60,
    features.mom_20,
    features.drawdown_60,
    features.vol_20,
    allocator.state,
    allocator.exposure,
    holdings.weight,
    portfolio.leverage,
    allocator.exposure * holdings.weight * portfolio.leverage as holding_again,
    holdings.holding as holding_stored,
    allocator.exposure * holdings.weight * portfolio.leverage - holdings.holding as holding_difference
from marts.fct_holdings_daily as holdings
inner join session
    on holdings.session_date = session.session_before
inner join moved
    on holdings.symbol = moved.symbol
inner join marts.fct_portfolio_daily as portfolio
    on
        holdings.variant_id = portfolio.variant_id
        and holdings.session_date = portfolio.session_date
inner join marts.fct_allocator_daily as allocator
    on
        holdings.variant_id = allocator.variant_id
        and holdings.symbol = allocator.symbol
        and holdings.session_date = allocator.session_date
inner join marts.fct_features_daily as features
    on
        holdings.symbol = features.symbol
        and holdings.session_date = features.session_date
where holdings.variant_id = 'baseline'
order by holdings.symbol
