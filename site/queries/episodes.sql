-- When did each variant fall deepest, how long did it take, and why? The fifteen deepest episodes.
with

modes as (

    select
        variant_id,
        episode_id,
        string_agg(failure_mode, ', ' order by lost desc, failure_mode asc) as failure_modes
    from marts.rpt_failure_modes
    group by variant_id, episode_id

)

select
    episodes.rank as episode_rank,
    episodes.variant_id,
    episodes.depth,
    episodes.start_date,
    episodes.trough_date,
    episodes.end_date,
    episodes.sessions_to_trough,
    episodes.sessions_to_recovery,
    modes.failure_modes
from marts.fct_drawdown_episodes as episodes
left join modes
    on
        episodes.variant_id = modes.variant_id
        and episodes.episode_id = modes.episode_id
where episodes.rank <= 15
order by episodes.rank, episodes.variant_id
