-- How deep did `baseline` fall, how often, and what lost most beyond constant exposure in the deep episodes,
-- those that the rules of the failure modes look at?
with

episodes as (

    select
        min(depth) as depth,
        arg_min(start_date, rank) as start_date,
        arg_min(trough_date, rank) as trough_date,
        max(case when rank = 1 then end_date end) as end_date,
        count(*) as all_episodes
    from marts.fct_drawdown_episodes
    where variant_id = 'baseline'

),

deep as (

    select count(distinct episode_id) as deep_episodes
    from marts.rpt_failure_modes
    where variant_id = 'baseline'

),

lost as (

    select
        failure_mode,
        sum(lost) as lost,
        count(*) as episodes
    from marts.rpt_failure_modes
    where
        variant_id = 'baseline'
        and role = 'part'
    group by failure_mode

),

most as (

    select
        arg_max(failure_mode, (lost, failure_mode)) as failure_mode,
        arg_max(episodes, (lost, failure_mode)) as episodes
    from lost

)

select
    episodes.*,
    deep.deep_episodes,
    most.failure_mode,
    most.episodes
from episodes
cross join deep
cross join most
order by episodes.depth
