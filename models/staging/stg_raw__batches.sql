with

batches as (

    {{ from_raw('batches', batch_column='batch_id') }}

),

final as (

    select
        batch_id,
        source,
        price_basis,
        ingested_at,
        first_session,
        last_session,
        rows as row_count,
        is_replacement
    from batches

)

select * from final
