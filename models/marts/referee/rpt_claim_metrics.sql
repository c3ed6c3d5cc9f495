with

metrics as (

    select * from {{ ref('int_referee__metrics') }}

),

placebos as (

    select * from {{ ref('fct_placebo_metrics') }}

),

worlds as (

    select
        claim_id,
        family,
        count(distinct world) as worlds
    from placebos
    group by
        claim_id,
        family

),

rules as (

    select distinct
        metric,
        better
    from {{ ref('verdict_rules') }}

),

directed as (

    select
        metrics.*,
        case when rules.better = 'less' then -1 else 1 end as sign
    from metrics
    left join rules
        on metrics.metric = rules.metric

),

-- A world in which it has no value does not as well.
by_family as (

    select
        directed.claim_id,
        directed.metric,
        directed.subject,
        worlds.family,
        worlds.worlds,
        count(placebos.value) as known,
        count(*) filter (directed.sign * placebos.value >= directed.sign * directed.value) as as_good,
        percentile_cont(0.05) within group (order by placebos.value) as q05,
        percentile_cont(0.95) within group (order by placebos.value) as q95
    from directed
    inner join worlds
        on directed.claim_id = worlds.claim_id
    left join placebos
        on
            directed.claim_id = placebos.claim_id
            and directed.metric = placebos.metric
            and directed.subject = placebos.subject
            and worlds.family = placebos.family
    group by
        directed.claim_id,
        directed.metric,
        directed.subject,
        worlds.family,
        worlds.worlds

),

-- The family that does better is the one to beat.
by_metric as (

    select
        claim_id,
        metric,
        subject,
        sum(known) as placebo_worlds,
        min(q05) as placebo_q05,
        max(q95) as placebo_q95,
        max((1 + as_good) / (1 + worlds)) as p_placebo
    from by_family
    group by
        claim_id,
        metric,
        subject

),

beside_placebos as (

    select
        metrics.*,
        coalesce(by_metric.placebo_worlds, 0) as placebo_worlds,
        by_metric.placebo_q05,
        by_metric.placebo_q95,
        case when metrics.value is not null then by_metric.p_placebo end as p_placebo
    from metrics
    left join by_metric
        on
            metrics.claim_id = by_metric.claim_id
            and metrics.metric = by_metric.metric
            and metrics.subject = by_metric.subject

),

final as (

    select
        {{ cast_columns() }}
    from beside_placebos

)

select * from final
