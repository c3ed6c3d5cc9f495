with

registered as (

    select * from {{ ref('int_components__registered') }}

),

final as (

    select
        {{ cast_columns() }}
    from registered

)

select * from final
