with

bars as (

    select * from {{ ref('stg_raw__bars') }}

),

batches as (

    select * from {{ ref('stg_raw__batches') }}

),

removed as (

    select * from {{ ref('int_symbols__removed') }}

),

symbol_batches as (

    select distinct
        symbol,
        batch_id
    from bars

),

candidates as (

    select
        symbol_batches.symbol,
        symbol_batches.batch_id,
        batches.source,
        batches.price_basis,
        batches.ingested_at,
        max(case when batches.source = 'sample' then 0 else 1 end) over () as is_real_data_at_hand,
        max(case when batches.is_replacement then batches.ingested_at end) over (
            partition by symbol_batches.symbol, batches.source
        ) as replaced_at
    from symbol_batches
    inner join batches
        on symbol_batches.batch_id = batches.batch_id

),

-- The sample serves until anything else has landed.
eligible as (

    select candidates.*
    from candidates
    left join removed
        on candidates.symbol = removed.symbol
    where
        (candidates.is_real_data_at_hand = 0 or candidates.source != 'sample')
        and removed.symbol is null
        and {{ is_selected_symbol('candidates.symbol') }}

),

final as (

    select
        symbol,
        source,
        price_basis,
        batch_id as newest_batch_id,
        replaced_at
    from eligible
    qualify row_number() over (partition by symbol order by ingested_at desc, batch_id asc) = 1

)

select * from final
