-- Do the batches and tables of this file still agree with what the build noted of them?
with

noted as (

    select
        batches.batch_id,
        json_extract_string(build.inputs, '$.batches."' || batches.batch_id || '"')
        = batches.sha256 as is_same
    from raw.batches as batches
    cross join meta.build as build

),

batches as (

    select
        count(*) as batches,
        count(*) filter (where is_same) as batches_agreeing
    from noted

),

tests as (

    select
        count(*) filter (where status = 'pass') as passed,
        count(*) filter (where status in ('fail', 'error')) as failed,
        count(*) filter (where status = 'warn') as warned
    from meta.test_results

)

select
    batches.*,
    tests.*
from batches
cross join tests
order by batches.batches
