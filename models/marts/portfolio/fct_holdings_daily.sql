with

lines as (

    select * from {{ in_this_file(ref('int_portfolio__lines')) }}
    where symbol is not null

),

holdings_daily as (

    select
        *,
        gross_contribution + cost_contribution as contribution
    from lines

),

final as (

    select
        {{ cast_columns() }}
    from holdings_daily

)

select * from final
