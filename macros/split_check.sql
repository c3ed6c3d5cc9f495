{# One of the two checks that prices are adjusted for a split, once; int_checks__splits says how that is seen. #}
{% macro split_check(check_id) -%}
with

splits as (

    select * from {{ ref('int_checks__splits') }}

),

final as (

    select
        symbol,
        session_date,
        observed,
        detail
    from splits
    where check_id = '{{ check_id }}'

)

select * from final
{%- endmacro %}
