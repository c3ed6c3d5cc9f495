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
        volume as observed,
        'volume is ' || volume as detail
    from bars
    where volume < 0

)

select * from final
