with

bars as (

    select * from {{ ref('stg_raw__bars') }}

),

batches as (

    select * from {{ ref('stg_raw__batches') }}

),

sources as (

    select * from {{ ref('int_sources__active') }}

),

of_active_source as (

    select
        bars.*,
        batches.ingested_at
    from bars
    inner join batches
        on bars.batch_id = batches.batch_id
    inner join sources
        on
            bars.symbol = sources.symbol
            and bars.source = sources.source

),

-- The newest batch wins. Two rows of one batch for the same session both stay: that is a fault
-- to be found, not a choice to be made here.
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
        volume
    from of_active_source
    qualify rank() over (partition by symbol, session_date order by ingested_at desc) = 1

)

select * from final
