-- What went into the build, by hash: the batches that had landed and the seeds, which hold the parameters?
with

kinds as (

    select
        inputs,
        unnest(['batches', 'seeds']) as kind
    from meta.build

),

names as (

    select
        inputs,
        kind,
        unnest(json_keys(inputs, '$.' || kind)) as input_name
    from kinds

)

select
    kind as input_kind,
    input_name,
    left(json_extract_string(inputs, '$.' || kind || '."' || input_name || '"'), 16) as sha256
from names
order by kind, input_name
