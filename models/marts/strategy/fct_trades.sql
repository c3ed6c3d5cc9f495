with

trades as (

    select * from {{ ref('int_strategy__trades') }}

),

final as (

    select
        {{ cast_columns() }}
    from trades

)

select * from final
