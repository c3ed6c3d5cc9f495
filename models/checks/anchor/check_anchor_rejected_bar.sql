with

quarantined as (

    select * from {{ ref('int_bars__quarantined') }}

),

-- Not so rows outside its life: empty ones, and those of sessions that had not closed.
bars as (

    select landed.*
    from {{ ref('int_checks__rows') }} as landed
    inner join {{ ref('int_checks__spans') }} as spans
        on landed.symbol = spans.symbol
    where
        not (landed.is_empty or landed.is_future)
        or (
            landed.is_session
            and landed.session_date between spans.first_session and spans.last_session
        )

),

final as (

    select
        quarantined.symbol,
        quarantined.session_date,
        cast(count(*) as double) as observed,
        'a bar of the anchor is quarantined: '
        || string_agg(distinct quarantined.check_id, ', ' order by quarantined.check_id) as detail
    from quarantined
    inner join bars
        on
            quarantined.batch_id = bars.batch_id
            and quarantined.symbol = bars.symbol
            and quarantined.row_number = bars.row_number
    where
        quarantined.symbol = {{ anchor_symbol() }}
        and bars.is_newest
    group by quarantined.symbol, quarantined.session_date

)

select * from final
