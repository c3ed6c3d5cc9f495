with

bars_daily as (

    select * from {{ ref('int_returns__daily') }}

),

final as (

    select
        {{ cast_columns() }}
    from bars_daily

)

select * from final
