-- In which state was an asset in its worst months, and what did they cost?
-- The month's contribution to the portfolio, by the state of most of its sessions.
with

daily as (

    select
        holdings.symbol,
        date_trunc('month', holdings.session_date) as month,
        allocator.state,
        holdings.contribution
    from marts.fct_holdings_daily as holdings
    inner join marts.fct_allocator_daily as allocator
        on
            holdings.variant_id = allocator.variant_id
            and holdings.symbol = allocator.symbol
            and holdings.session_date = allocator.session_date
    where holdings.variant_id = 'baseline'

),

months as (

    select
        symbol,
        month,
        mode(state) as state,
        sum(contribution) as contribution
    from daily
    group by symbol, month

)

select
    state,
    min(contribution) as worst_month,
    min_by(symbol, contribution) as symbol,
    min_by(month, contribution) as month
from months
group by state
order by worst_month
