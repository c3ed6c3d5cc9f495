with

walkforward_strategy as (

    select * from {{ ref('int_strategy__by_year') }}

),

final as (

    select
        {{ cast_columns() }}
    from walkforward_strategy

)

select * from final
