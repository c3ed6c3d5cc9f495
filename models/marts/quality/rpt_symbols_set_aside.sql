with

set_aside as (

    select * from {{ ref('int_checks__set_aside') }}

),

final as (

    select
        {{ cast_columns() }}
    from set_aside

)

select * from final
