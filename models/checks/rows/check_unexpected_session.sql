-- An empty row of a day off says nothing: a union of calendars makes it.
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
    where
        not is_session
        and not is_empty

)

select * from final
