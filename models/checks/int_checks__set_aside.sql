-- A symbol that a check of severity `fail` hits is left out by everything later, and the others go on.
with

failures as (

    select * from {{ ref('int_checks__failures') }}
    where severity = 'fail'

),

candidates as (

    select * from {{ ref('int_bars__candidates') }}
    where is_newest

),

lives as (

    select
        symbol,
        count(distinct session_date) as sessions,
        min(session_date) as first_session,
        max(session_date) as last_session
    from candidates
    group by symbol

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
        lives.sessions,
        lives.first_session,
        lives.last_session,
        findings.session_date || ': ' || findings.detail
        || case
            when findings.findings > 1 then ' (and ' || (findings.findings - 1) || ' more)'
            else ''
        end as message,
        findings.way_out,
        true as is_whole_symbol
    from findings
    inner join lives
        on findings.symbol = lives.symbol

)

select * from final
