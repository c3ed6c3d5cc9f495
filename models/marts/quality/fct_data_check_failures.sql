with

failures as (

    select * from {{ ref('int_checks__failures') }}

),

final as (

    select
        {{ cast_columns() }}
    from failures

)

select * from final
