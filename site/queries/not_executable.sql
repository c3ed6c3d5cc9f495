-- Which variants have results that cannot be had, because they earn before they hold, or are not charged what
-- they trade?
select variant_id
from marts.dim_variants
where
    detail = 'daily'
    and not is_executable
order by variant_id
