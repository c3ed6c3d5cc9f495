with

performance as (

    select * from {{ ref('int_portfolio__performance') }}

),

final as (

    select
        {{ cast_columns() }}
    from performance

)

select * from final
