with

walkforward_portfolio as (

    select * from {{ ref('int_portfolio__by_year') }}

),

final as (

    select
        {{ cast_columns() }}
    from walkforward_portfolio

)

select * from final
