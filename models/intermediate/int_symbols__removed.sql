with

removals as (

    select * from {{ ref('stg_raw__removals') }}

),

newest as (

    select
        symbol,
        max_by(is_removed, recorded_at) as is_removed
    from removals
    where delisted_by is null
    group by symbol

),

final as (

    select symbol from newest
    where is_removed

)

select * from final
