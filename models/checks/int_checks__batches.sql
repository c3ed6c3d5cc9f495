with

bars as (

    select * from {{ ref('int_checks__rows') }}
    where is_bar

),

final as (

    select
        symbol,
        batch_id,
        ingested_at,
        min(session_date) as first_session,
        max(session_date) as last_session
    from bars
    group by symbol, batch_id, ingested_at

)

select * from final
