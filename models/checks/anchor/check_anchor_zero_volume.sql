with

bars as (

    select * from {{ ref('int_checks__series') }}

),

final as (

    select
        symbol,
        session_date,
        cast(0 as double) as observed,
        'the anchor was not traded' as detail
    from bars
    where
        symbol = {{ anchor_symbol() }}
        and volume = 0

)

select * from final
