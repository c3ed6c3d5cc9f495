{# The check that `column` is known. A row without any price has a check of its own. #}
{% macro missing_value(column) -%}
with

bars as (

    select * from {{ ref('int_checks__rows') }}

),

final as (

    select
        symbol,
        session_date,
        batch_id,
        row_number,
        cast(null as double) as observed,
        'no {{ column }}' as detail
    from bars
    where
        {{ column }} is null
        and not is_empty

)

select * from final
{%- endmacro %}
