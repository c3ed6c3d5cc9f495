with

candidates as (

    select * from {{ ref('int_bars__candidates') }}

),

quarantined as (

    select * from {{ ref('int_bars__quarantined') }}

),

final as (

    select candidates.*
    from candidates
    left join quarantined
        on
            candidates.batch_id = quarantined.batch_id
            and candidates.symbol = quarantined.symbol
            and candidates.row_number = quarantined.row_number
    where quarantined.batch_id is null

)

select * from final
