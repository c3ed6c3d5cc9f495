with

parameters as (

    select * from {{ ref('int_components__parameters') }}

),

final as (

    select
        {{ cast_columns() }}
    from parameters

)

select * from final
