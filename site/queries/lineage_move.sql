-- On which session did `baseline` move most, and do the contributions of all assets add up to that move?
with

moves as (

    select
        session_date,
        net_return as move,
        lag(session_date) over (order by session_date) as session_before,
        count(*) over () as sessions
    from marts.fct_portfolio_daily
    where variant_id = 'baseline'
    qualify row_number() over (order by abs(net_return) desc, session_date desc) = 1

),

contributions as (

    select
        session_date,
        sum(contribution order by symbol) as contributions
    from marts.fct_holdings_daily
    where variant_id = 'baseline'
    group by session_date

)

select
    moves.session_date,
    moves.session_before,
    moves.move,
    contributions.contributions,
    contributions.contributions - moves.move as move_difference,
    moves.sessions
from moves
inner join contributions
    on moves.session_date = contributions.session_date
order by moves.session_date
