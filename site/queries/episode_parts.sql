-- From the peak to the trough, what did each asset lose in each state, and how long was it in it? The six
-- deepest episodes; of more than eight assets, the eight that lost or gained most over them.
with

parts as (

    select
        parts.variant_id,
        episodes.rank,
        parts.symbol,
        parts.state,
        parts.contribution,
        parts.sessions
    from marts.rpt_drawdown_attribution as parts
    inner join marts.fct_drawdown_episodes as episodes
        on
            parts.variant_id = episodes.variant_id
            and parts.episode_id = episodes.episode_id
    where episodes.rank <= 6

),

largest as (

    select symbol
    from parts
    group by symbol
    order by sum(abs(contribution)) desc, symbol
    limit 8

)

select
    variant_id,
    rank,
    symbol,
    state,
    round(contribution, 5) as contribution,
    sessions,
    round(sessions / sum(sessions) over (partition by variant_id, rank, symbol), 4) as share
from parts
where symbol in (select largest.symbol from largest)
order by variant_id, rank, symbol, case state when 'TREND' then 1 when 'MEANREV' then 2 else 3 end
