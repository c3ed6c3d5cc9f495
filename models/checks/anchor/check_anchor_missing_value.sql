with

failures as (

    select * from {{ ref('int_checks__row_failures') }}

),

candidates as (

    select * from {{ ref('int_bars__candidates') }}

),

final as (

    select
        failures.symbol,
        failures.session_date,
        cast(count(*) as double) as observed,
        'the anchor has ' || string_agg(failures.detail, ', ' order by failures.position) as detail
    from failures
    inner join candidates
        on
            failures.batch_id = candidates.batch_id
            and failures.symbol = candidates.symbol
            and failures.row_number = candidates.row_number
    where
        failures.symbol = {{ anchor_symbol() }}
        and failures.check_id like 'missing%'
        and candidates.is_newest
    group by failures.symbol, failures.session_date

)

select * from final
