with

paths as (

    select * from {{ ref('int_stress__bootstrap') }}

),

final as (

    select
        {{ cast_columns() }}
    from paths

)

select * from final
