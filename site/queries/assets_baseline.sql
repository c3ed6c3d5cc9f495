-- How sound are the bars of all assets together?
with

audit as (

    select
        count(*) as assets,
        sum(rows) as rows,
        sum(missing_sessions) as missing_sessions,
        sum(quarantined_rows) as quarantined_rows,
        sum(extreme_return_days) as extreme_return_days
    from marts.rpt_data_audit

),

findings as (

    select
        count(*) as findings,
        count(distinct symbol) as assets_found
    from marts.fct_data_check_failures

),

restatements as (

    select count(*) as restatements
    from marts.fct_restatements

),

batches as (

    select count(distinct batch_id) as batches
    from raw.batches

)

select
    audit.*,
    findings.*,
    restatements.*,
    batches.*
from audit
cross join findings
cross join restatements
cross join batches
order by audit.assets
