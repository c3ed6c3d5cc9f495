with

bars as (

    select * from {{ ref('int_checks__rows') }}

),

final as (

    select
        symbol,
        session_date,
        batch_id,
        row_number,
        cast(null as double) as observed,
        'the exchange (XNYS) was closed on that day' as detail
    from bars
    where not is_session

)

select * from final
