-- A stretch of bars that stand a day late or early leaves its first (or last) session empty and ends on a
-- day that is closed or taken: a missing session beside a row in the wrong place, a few days apart.
with

missing as (

    select * from {{ ref('check_missing_session') }}

),

misplaced as (

    select distinct
        symbol,
        session_date
    from {{ ref('int_checks__row_failures') }}
    where check_id in ('duplicate_session', 'unexpected_session')

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'date_shifted'

),

final as (

    select
        missing.symbol,
        missing.session_date,
        cast(misplaced.session_date - missing.session_date as double) as observed,
        'no bar here, and one too many on ' || misplaced.session_date
        || ': the bars between stand a day ' || case
            when misplaced.session_date > missing.session_date then 'late'
            else 'early'
        end as detail
    from missing
    inner join misplaced
        on missing.symbol = misplaced.symbol
    inner join thresholds
        on missing.symbol = thresholds.symbol
    where abs(misplaced.session_date - missing.session_date) <= thresholds.threshold
    qualify row_number() over (
        partition by missing.symbol, missing.session_date
        order by abs(misplaced.session_date - missing.session_date), misplaced.session_date
    ) = 1

)

select * from final
