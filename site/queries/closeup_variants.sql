-- Which variants can be looked at closely? Those of the core.
select
    variant_id,
    variant_id as label
from marts.dim_variants
where
    family = 'core'
    and detail = 'daily'
order by variant_id
