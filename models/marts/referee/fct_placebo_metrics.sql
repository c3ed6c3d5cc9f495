with

placebos as (

    select * from {{ ref('int_referee__placebos') }}

),

final as (

    select
        {{ cast_columns() }}
    from placebos

)

select * from final
