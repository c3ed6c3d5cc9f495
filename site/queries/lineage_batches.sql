-- On which batches does the number rest, when did they come, and how much of each is in use?
with

used as (

    select
        batch_id,
        count(*) as rows_used
    from intermediate.int_bars__rebased
    group by batch_id

)

select
    batches.batch_id,
    batches.source,
    strftime(batches.ingested_at at time zone 'UTC', '%Y-%m-%d %H:%M') as ingested_at,
    batches.first_session,
    batches.last_session,
    batches.rows,
    used.rows_used,
    left(batches.sha256, 16) as sha256
from raw.batches as batches
inner join used
    on batches.batch_id = used.batch_id
order by batches.ingested_at, batches.batch_id
