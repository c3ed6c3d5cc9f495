with

bars as (

    select * from {{ ref('int_bars__accepted') }}

),

-- The newest batch with a sound row of the session wins.
final as (

    select
        symbol,
        session_date,
        batch_id,
        row_number,
        ingested_at,
        open,
        high,
        low,
        close,
        adj_close,
        volume,
        dividends,
        splits
    from bars
    qualify row_number() over (
        partition by symbol, session_date order by ingested_at desc, row_number asc
    ) = 1

)

select * from final
