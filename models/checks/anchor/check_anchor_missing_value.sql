with

failures as (

    select * from {{ ref('int_checks__row_failures') }}

),

bars as (

    select * from {{ ref('int_checks__rows') }}
    where
        is_bar
        and is_newest

),

final as (

    select
        failures.symbol,
        failures.session_date,
        cast(count(*) as double) as observed,
        'the anchor has ' || string_agg(failures.detail, ', ' order by failures.position) as detail
    from failures
    inner join bars
        on
            failures.batch_id = bars.batch_id
            and failures.symbol = bars.symbol
            and failures.row_number = bars.row_number
    where
        failures.symbol = {{ anchor_symbol() }}
        and failures.check_id like 'missing%'
    group by failures.symbol, failures.session_date

)

select * from final
