-- Which tests guard each layer, and how did they end? A test that reads tables of two layers guards both.
with

layers as (

    select
        test_name,
        status,
        unnest(string_split(tags, ', ')) as layer
    from meta.test_results

)

select
    layer,
    test_name,
    status,
    count(*) filter (where status = 'pass') over (partition by layer) as passed,
    count(*) filter (where status in ('fail', 'error')) over (partition by layer) as failed,
    count(*) filter (where status = 'warn') over (partition by layer) as warned
from layers
order by layer, test_name
