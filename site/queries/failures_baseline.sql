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

most as (

    select
        subject as failure_mode,
        value as share_of_depth,
        placebo_q05 as placebo_share_q05,
        placebo_q95 as placebo_share_q95
    from marts.rpt_claim_metrics
    where
        claim_id = 'baseline'
        and metric = 'failure_share'
        and subject != 'constant_exposure'
    order by value desc, subject asc
    limit 1

)

select
    episodes.*,
    deep.deep_episodes,
    most.failure_mode,
    most.share_of_depth,
    most.placebo_share_q05,
    most.placebo_share_q95
from episodes
cross join deep
left join most on true
order by episodes.depth
