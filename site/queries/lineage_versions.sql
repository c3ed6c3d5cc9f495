-- Which versions computed it?
with

names as (

    select
        versions,
        unnest(json_keys(versions)) as package
    from meta.build

)

select
    package,
    json_extract_string(versions, '$."' || package || '"') as version
from names
order by package
