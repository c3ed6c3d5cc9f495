with

checks as (

    select * from {{ ref('data_checks') }}

),

final as (

    select
        {{ cast_columns() }}
    from checks

)

select * from final
