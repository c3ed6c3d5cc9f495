-- What does each metric show in histories without signal (a row each), beside what was measured?
with

metrics as (

    select
        claim_id,
        metric,
        subject,
        'measured' as family,
        0 as world,
        value,
        lower,
        upper
    from marts.rpt_claim_metrics
    union all
    select
        claim_id,
        metric,
        subject,
        family,
        world,
        value,
        null as lower,
        null as upper
    from marts.fct_placebo_metrics

),

-- Failure modes have a chart of their own.
units as (

    select
        metric,
        any_value(unit) as unit,
        min(position) as position
    from marts.rpt_verdicts
    group by metric

)

select
    metrics.claim_id,
    case
        when metrics.subject = 'all' then replace(metrics.metric, '_', ' ')
        when metrics.metric like 'gain_over_%' then 'gain over ' || replace(metrics.subject, '_', ' ')
        else replace(metrics.metric || ', ' || metrics.subject, '_', ' ')
    end as measure,
    units.unit,
    metrics.family,
    metrics.world,
    round(metrics.value, 4) as value,
    round(metrics.lower, 4) as lower,
    round(metrics.upper, 4) as upper
from metrics
inner join units
    on metrics.metric = units.metric
where metrics.value is not null
order by metrics.claim_id, units.position, measure, metrics.family, metrics.world
