with

portfolio_daily as (

    select * from {{ ref('int_portfolio__lines') }}
    where symbol is null

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(session_date as date) as session_date,
        cast(unlevered_return as double) as unlevered_return,
        cast(leverage as double) as leverage,
        cast(net_return as double) as net_return,
        cast(equity as double) as equity,
        cast(drawdown as double) as drawdown
    from portfolio_daily

)

select * from final
