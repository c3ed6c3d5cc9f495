-- A symbol that a check of severity `fail` hits is left out by everything later, and the others go on. Of a
-- recycled ticker that is the older life alone.
with

failures as (

    select * from {{ ref('int_checks__failures') }}
    where severity = 'fail'

),

candidates as (

    select * from {{ ref('int_bars__candidates') }}
    where is_newest

),

older_lives as (

    select * from {{ ref('int_bars__lives') }}

),

failing_symbols as (

    select distinct symbol from failures

),

lives as (

    select
        candidates.symbol,
        count(distinct candidates.session_date) as sessions,
        min(candidates.session_date) as first_session,
        max(candidates.session_date) as last_session
    from candidates
    inner join failing_symbols
        on candidates.symbol = failing_symbols.symbol
    group by candidates.symbol

),

findings as (

    select
        symbol,
        check_id,
        min(position) as position,
        count(*) as findings,
        min_by(detail, session_date) as detail,
        min(session_date) as session_date,
        min_by(way_out, session_date) as way_out
    from failures
    group by symbol, check_id

),

final as (

    select
        findings.symbol,
        findings.check_id,
        findings.position,
        coalesce(older_lives.sessions, lives.sessions) as sessions,
        coalesce(older_lives.first_session, lives.first_session) as first_session,
        coalesce(older_lives.last_session, lives.last_session) as last_session,
        findings.session_date || ': ' || findings.detail
        || case
            when findings.findings > 1 then ' (and ' || (findings.findings - 1) || ' more)'
            else ''
        end as message,
        findings.way_out,
        findings.check_id != 'recycled_ticker' as is_whole_symbol
    from findings
    inner join lives
        on findings.symbol = lives.symbol
    left join older_lives
        on
            findings.symbol = older_lives.symbol
            and findings.check_id = 'recycled_ticker'

)

select * from final
