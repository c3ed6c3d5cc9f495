-- Why do the deep drawdowns of each variant happen? An episode may have several modes.
select
    modes.failure_mode,
    modes.variant_id,
    count(*) as episodes,
    min(episodes.depth) as depth,
    avg(modes.evidence) as evidence,
    avg(modes.threshold) as evidence_threshold
from marts.rpt_failure_modes as modes
inner join marts.fct_drawdown_episodes as episodes
    on
        modes.variant_id = episodes.variant_id
        and modes.episode_id = episodes.episode_id
group by modes.failure_mode, modes.variant_id
order by modes.failure_mode, modes.variant_id
