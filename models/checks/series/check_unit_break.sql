-- What check_unit_error cannot see for want of rows before it: a jump at the start of a batch.
with

bars as (

    select * from {{ ref('int_checks__series') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'unit_break'

),

final as (

    select
        bars.symbol,
        bars.session_date,
        bars.ret_1d + 1 as observed,
        'adj_close ' || bars.adj_close || ' after ' || bars.previous_adj_close || ' on '
        || bars.previous_session || '; one of them is in another unit' as detail
    from bars
    inner join thresholds
        on bars.symbol = thresholds.symbol
    where
        bars.ret_1d + 1 >= thresholds.threshold
        or bars.ret_1d + 1 <= 1 / thresholds.threshold

)

select * from final
