-- For how many sessions are positions of `baseline` held? Counted in steps of the shortest time: a position
-- is renewed if its entry condition holds when that time is over.
with

trades as (

    select
        trades.strategy,
        trades.sessions,
        case trades.strategy when 'trend' then variants.trend_hold else variants.meanrev_hold end as hold
    from marts.fct_trades as trades
    inner join marts.dim_variants as variants
        on trades.variant_id = variants.variant_id
    where
        trades.variant_id = 'baseline'
        and trades.exit_date is not null

)

select
    strategy,
    (cast(ceil(sessions / hold) as integer) - 1) * hold as from_sessions,
    cast(ceil(sessions / hold) as integer) * hold as to_sessions,
    count(*) as trades
from trades
group by strategy, hold, ceil(sessions / hold)
order by strategy, from_sessions
