-- Which row is right cannot be told, so none of them is used. Rows equal in every value land once.
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
        rows_of_session as observed,
        rows_of_session || ' rows with different values' as detail
    from bars
    where rows_of_session > 1

)

select * from final
