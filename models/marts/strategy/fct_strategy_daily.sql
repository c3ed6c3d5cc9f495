with

strategy_daily as (

    select * from {{ ref('int_strategy__daily') }}

),

final as (

    select
        {{ cast_columns() }}
    from strategy_daily
    where is_reported

)

select * from final
