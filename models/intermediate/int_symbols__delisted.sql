-- Bars that land after the report say that the symbol trades again.
with

removals as (

    select * from {{ ref('stg_raw__removals') }}

),

sources as (

    select * from {{ ref('int_sources__active') }}

),

batches as (

    select * from {{ ref('stg_raw__batches') }}

),

reports as (

    select
        symbol,
        max(recorded_at) as reported_at
    from removals
    where delisted_by is not null
    group by symbol

),

final as (

    select reports.symbol
    from reports
    inner join sources
        on reports.symbol = sources.symbol
    inner join batches
        on sources.newest_batch_id = batches.batch_id
    where batches.ingested_at < reports.reported_at

)

select * from final
