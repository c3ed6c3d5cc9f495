-- Between the symbol's first and last bar; a row that was refused is not missing.
with

candidates as (

    select * from {{ ref('int_bars__candidates') }}

),

sessions as (

    select * from {{ ref('stg_raw__sessions') }}

),

spans as (

    select * from {{ ref('int_checks__spans') }}

),

expected as (

    select
        spans.symbol,
        sessions.session_date
    from spans
    inner join sessions
        on sessions.session_date between spans.first_session and spans.last_session

),

final as (

    select
        expected.symbol,
        expected.session_date,
        cast(null as double) as observed,
        'no row of this session' as detail
    from expected
    left join candidates
        on
            expected.symbol = candidates.symbol
            and expected.session_date = candidates.session_date
            and candidates.is_newest
    where candidates.symbol is null

)

select * from final
