-- Why do the deep drawdowns of each variant happen: how many does each failure mode fit, and which share of
-- all their depth did it lose in those? Constant exposure and parts exclude each other, aspects look again.
with

deep as (

    select distinct
        variant_id,
        episode_id
    from marts.rpt_failure_modes

),

depths as (

    select
        deep.variant_id,
        -sum(episodes.depth) as depth
    from deep
    inner join marts.fct_drawdown_episodes as episodes
        on
            deep.variant_id = episodes.variant_id
            and deep.episode_id = episodes.episode_id
    group by deep.variant_id

)

select
    modes.failure_mode,
    modes.variant_id,
    modes.role,
    count(*) as episodes,
    round(sum(modes.lost) / depths.depth, 9) as share_of_depth
from marts.rpt_failure_modes as modes
inner join depths
    on modes.variant_id = depths.variant_id
group by modes.failure_mode, modes.variant_id, modes.role, depths.depth
order by
    array_position(['constant', 'part', 'aspect'], modes.role) asc nulls last,
    modes.failure_mode asc,
    modes.variant_id asc
