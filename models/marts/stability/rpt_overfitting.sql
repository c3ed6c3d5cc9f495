with

statistics as (

    select * from {{ ref('int_overfitting__statistics') }}

),

final as (

    select
        {{ cast_columns() }}
    from statistics

)

select * from final
