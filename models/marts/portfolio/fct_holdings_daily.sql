with

holdings_daily as (

    select * from {{ ref('int_portfolio__lines') }}
    where symbol is not null

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(symbol as varchar) as symbol,
        cast(session_date as date) as session_date,
        cast(weight as double) as weight,
        cast(holding as double) as holding,
        cast(gross_contribution as double) as gross_contribution,
        cast(cost_contribution as double) as cost_contribution,
        cast(contribution as double) as contribution
    from holdings_daily

)

select * from final
