with

quarantined as (

    select * from {{ ref('int_bars__quarantined') }}

),

candidates as (

    select * from {{ ref('int_bars__candidates') }}

),

final as (

    select
        quarantined.symbol,
        quarantined.session_date,
        cast(count(*) as double) as observed,
        'a bar of the anchor is quarantined: '
        || string_agg(distinct quarantined.check_id, ', ' order by quarantined.check_id) as detail
    from quarantined
    inner join candidates
        on
            quarantined.batch_id = candidates.batch_id
            and quarantined.symbol = candidates.symbol
            and quarantined.row_number = candidates.row_number
    where
        quarantined.symbol = {{ anchor_symbol() }}
        and candidates.is_newest
    group by quarantined.symbol, quarantined.session_date

)

select * from final
