with

trend_models as (

    select * from {{ ref('int_strategy__trend_models') }}

),

final as (

    select
        {{ cast_columns() }}
    from trend_models

)

select * from final
