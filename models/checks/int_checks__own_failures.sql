-- What the checks of rows and of series found: of each symbol by its own rows alone.
with

row_failures as (

    select * from {{ ref('int_checks__row_failures') }}

),

candidates as (

    select * from {{ ref('int_bars__candidates') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}

),

-- A row that a newer batch has corrected is quarantined, and no failure any more.
newest_row_failures as (

    select
        row_failures.check_id,
        row_failures.symbol,
        row_failures.session_date,
        row_failures.observed,
        row_failures.detail || ' (row ' || row_failures.row_number || ' of batch '
        || row_failures.batch_id || ')' as detail
    from row_failures
    inner join candidates
        on
            row_failures.batch_id = candidates.batch_id
            and row_failures.symbol = candidates.symbol
            and row_failures.row_number = candidates.row_number
    where candidates.is_newest
    qualify row_number() over (
        partition by row_failures.check_id, row_failures.symbol, row_failures.session_date
        order by row_failures.row_number
    ) = 1

),

series_failures as (

    select * from {{ ref('int_checks__series_failures') }}

),

failures as (

    select * from newest_row_failures
    union all
    select * from series_failures

),

final as (

    select
        failures.check_id,
        failures.symbol,
        failures.session_date,
        thresholds.position,
        case when isfinite(failures.observed) then failures.observed end as observed,
        thresholds.threshold,
        thresholds.severity,
        failures.detail
    from failures
    inner join thresholds
        on
            failures.check_id = thresholds.check_id
            and failures.symbol = thresholds.symbol

)

select * from final
