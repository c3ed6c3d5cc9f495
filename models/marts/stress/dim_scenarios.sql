with

scenarios as (

    select * from {{ ref('int_scenarios__stated') }}

),

final as (

    select
        {{ cast_columns() }}
    from scenarios

)

select * from final
