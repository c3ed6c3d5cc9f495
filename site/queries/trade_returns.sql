-- How are the net returns of closed trades of `baseline` spread? Counted in steps of 1 %; the first and the
-- last step hold all beyond them.
with

trades as (

    select
        strategy,
        net_return,
        floor(least(greatest(net_return, -0.15), 0.1999) / 0.01) as step
    from marts.fct_trades
    where
        variant_id = 'baseline'
        and exit_date is not null

)

select
    strategy,
    round(step * 0.01, 2) as from_return,
    round((step + 1) * 0.01, 2) as to_return,
    count(*) as trades
from trades
group by strategy, step
order by strategy, from_return
