with

failures as (

    select * from {{ ref('int_drawdowns__failure_modes') }}

),

final as (

    select
        {{ cast_columns() }}
    from failures

)

select * from final
