{#-
    A blank cell of the seed takes the value of the row's base variant, and so on down to the row
    that has no base: no number is written twice.
-#}
{%- set parameters = variant_parameters() -%}
{%- set inherited = [] -%}
{%- for name in parameters -%}
{%- do inherited.append('coalesce(seed.' ~ name ~ ', base.' ~ name ~ ') as ' ~ name) -%}
{%- endfor -%}
with recursive

seed as (

    select
        variant_id,
        family,
        detail,
        base_variant_id,
        description,
        {{ parameters | join(',\n        ') }}
    from {{ ref('variants') }}

),

resolved as (

    select * from seed
    where base_variant_id is null

    union all

    select
        seed.variant_id,
        seed.family,
        seed.detail,
        seed.base_variant_id,
        seed.description,
        {{ inherited | join(',\n        ') }}
    from seed
    inner join resolved as base
        on seed.base_variant_id = base.variant_id

),

final as (

    select * from resolved

)

select * from final
