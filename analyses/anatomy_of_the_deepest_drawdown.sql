-- What was the deepest drawdown made of, and by which rules did it happen?
with

modes as (

    select
        variant_id,
        episode_id,
        string_agg(failure_mode, ', ' order by failure_mode) as failure_modes
    from marts.rpt_failure_modes
    group by variant_id, episode_id

)

select
    episodes.start_date,
    episodes.trough_date,
    episodes.end_date,
    episodes.depth,
    parts.symbol,
    parts.state,
    parts.contribution,
    parts.share,
    parts.sessions,
    modes.failure_modes
from marts.fct_drawdown_episodes as episodes
inner join marts.rpt_drawdown_attribution as parts
    on
        episodes.variant_id = parts.variant_id
        and episodes.episode_id = parts.episode_id
left join modes
    on
        episodes.variant_id = modes.variant_id
        and episodes.episode_id = modes.episode_id
where
    episodes.variant_id = 'baseline'
    and episodes.rank = 1
order by parts.contribution
