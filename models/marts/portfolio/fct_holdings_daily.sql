with

holdings_daily as (

    select * from {{ in_this_file(ref('int_portfolio__lines')) }}
    where symbol is not null

),

final as (

    select
        {{ cast_columns() }}
    from holdings_daily

)

select * from final
