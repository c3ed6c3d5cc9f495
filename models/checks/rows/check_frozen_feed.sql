-- A batch that has not moved since its first row, within a day or from one to the next, is not frozen: a cash
-- column or a money-market fund never moves.
with

bars as (

    select * from {{ ref('int_checks__rows') }}

),

repeated as (

    select * from {{ ref('check_repeated_bar') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'frozen_feed'

),

with_repeats as (

    select
        bars.symbol,
        bars.session_date,
        bars.batch_id,
        bars.row_number,
        repeated.symbol is not null as is_repeated,
        bars.high > bars.low or bars.open != bars.close as has_range,
        count(case when repeated.symbol is null then 1 end) over (
            partition by bars.symbol, bars.batch_id
            order by bars.session_date, bars.row_number
            rows between unbounded preceding and current row
        ) as run_number
    from bars
    left join repeated
        on
            bars.symbol = repeated.symbol
            and bars.batch_id = repeated.batch_id
            and bars.row_number = repeated.row_number

),

runs as (

    select
        *,
        row_number() over (
            partition by symbol, batch_id, run_number order by session_date, row_number
        ) as bars_of_run
    from with_repeats

),

final as (

    select
        runs.symbol,
        runs.session_date,
        runs.batch_id,
        runs.row_number,
        runs.bars_of_run as observed,
        'bar ' || runs.bars_of_run || ' of a run with all values equal' as detail
    from runs
    inner join thresholds
        on runs.symbol = thresholds.symbol
    where
        runs.is_repeated
        and (runs.run_number > 1 or coalesce(runs.has_range, false))
        and runs.bars_of_run >= thresholds.threshold

)

select * from final
