with

candidates as (

    select * from {{ ref('int_bars__candidates') }}

),

final as (

    select
        symbol,
        batch_id,
        ingested_at,
        min(session_date) as first_session,
        max(session_date) as last_session
    from candidates
    group by symbol, batch_id, ingested_at

)

select * from final
