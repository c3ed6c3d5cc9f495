with

performance as (

    select * from {{ ref('int_portfolio__performance') }}

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(first_session as date) as first_session,
        cast(last_session as date) as last_session,
        cast(sessions as bigint) as sessions,
        cast(sharpe as double) as sharpe,
        cast(total_return as double) as total_return,
        cast(annual_return as double) as annual_return,
        cast(annual_volatility as double) as annual_volatility,
        cast(max_drawdown as double) as max_drawdown,
        cast(avg_leverage as double) as avg_leverage,
        cast(avg_gross_exposure as double) as avg_gross_exposure,
        cast(annual_turnover as double) as annual_turnover
    from performance

)

select * from final
