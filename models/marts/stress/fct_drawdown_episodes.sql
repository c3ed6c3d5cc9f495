with

episodes as (

    select * from {{ ref('int_drawdowns__episodes') }}

),

final as (

    select
        {{ cast_columns() }}
    from episodes

)

select * from final
