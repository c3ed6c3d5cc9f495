-- The session had not closed when the batch was ingested: an unfinished bar, or a slip of the year.
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
        'its session had not closed when it was ingested (' || strftime(ingested_at, '%Y-%m-%d %H:%M')
        || ' UTC)' as detail
    from bars
    where is_future

)

select * from final
