with

portfolio_daily as (

    select * from {{ ref('int_portfolio__lines') }}
    where symbol is null

),

final as (

    select
        {{ cast_columns() }}
    from portfolio_daily

)

select * from final
