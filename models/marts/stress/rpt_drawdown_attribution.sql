with

attribution as (

    select * from {{ ref('int_drawdowns__attribution') }}

),

final as (

    select
        {{ cast_columns() }}
    from attribution

)

select * from final
