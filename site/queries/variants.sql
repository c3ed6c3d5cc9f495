-- Which variants have daily results, to be chosen from?
select
    variant_id as series,
    family
from marts.dim_variants
where detail = 'daily'
order by case when variant_id = 'baseline' then 0 when family = 'core' then 1 else 2 end, family, variant_id
