with

failures as (

    select * from {{ ref('int_checks__row_failures') }}

),

-- A row may fail several checks; the first in the order of the index is the reason given.
final as (

    select
        batch_id,
        symbol,
        row_number,
        session_date,
        check_id
    from failures
    where severity = 'reject'
    qualify row_number() over (partition by batch_id, symbol, row_number order by position) = 1

)

select * from final
