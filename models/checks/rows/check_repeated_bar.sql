-- A bar equal to the one before it in every value, volume too. It happens once in a while in a share
-- that hardly trades, so the first is only reported; from the next on it is a frozen feed. A price that is
-- unknown on both days is equal.
with

bars as (

    select * from {{ ref('int_checks__rows') }}

),

final as (

    select
        symbol,
        session_date,
        batch_id,
        row_number,
        close as observed,
        'all values equal the bar before it' as detail
    from bars
    where
        open is not distinct from previous_open
        and high is not distinct from previous_high
        and low is not distinct from previous_low
        and close = previous_close
        and adj_close = previous_adj_close
        and volume = previous_volume
        and volume > 0

)

select * from final
