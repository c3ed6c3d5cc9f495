-- Only where the symbol usually trades: an index or a currency has no volume at all.
with

bars as (

    select * from {{ ref('int_checks__rows') }}

),

traded as (

    select distinct symbol
    from bars
    where volume > 0

),

final as (

    select
        bars.symbol,
        bars.session_date,
        bars.batch_id,
        bars.row_number,
        cast(0 as double) as observed,
        'volume is 0' as detail
    from bars
    inner join traded
        on bars.symbol = traded.symbol
    where bars.volume = 0

)

select * from final
