-- What was the deepest drawdown made of, and by which rules did it happen?
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
inner join marts.rpt_drawdown_attribution as parts using (variant_id, episode_id)
left join (
    select
        variant_id,
        episode_id,
        string_agg(failure_mode, ', ' order by failure_mode) as failure_modes
    from marts.rpt_failure_modes
    group by variant_id, episode_id
) as modes using (variant_id, episode_id)
where
    variant_id = 'baseline'
    and episodes.rank = 1
order by parts.contribution
