with

by_day as (

    select * from {{ ref('int_trials__by_day') }}

),

final as (

    select
        {{ cast_columns() }}
    from by_day

)

select * from final
