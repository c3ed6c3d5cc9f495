-- Bars of some sessions only would be carried from one to the next, and every window would count sessions on
-- which nothing happened. Gaps of more than a quarter are no rhythm, but a halt.
with

bars as (

    select * from {{ ref('int_checks__series') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'not_daily'

),

steps as (

    select
        symbol,
        session_date,
        session_date - previous_session as days,
        session_number - previous_number as sessions
    from bars
    where session_number - previous_number <= 63

),

years as (

    select
        symbol,
        min(session_date) as first_session,
        max(session_date) as last_session,
        count(*) as bars,
        sum(sessions) as sessions,
        median(sessions) as usual_sessions,
        median(days) as usual_days
    from steps
    group by symbol, year(session_date)

),

-- Of a year in which a bar mostly follows on the next session, holes are no rhythm; of a whole life many are.
lives as (

    select
        symbol,
        min(first_session) as first_session,
        max(last_session) as last_session,
        sum(bars) as bars,
        sum(sessions) as sessions,
        max(usual_sessions) as usual_sessions,
        max_by(usual_days, sessions - bars) as usual_days
    from years
    group by symbol

),

spans as (

    select
        *,
        1 as preference
    from lives
    union all
    select
        *,
        2 as preference
    from years
    where
        usual_sessions >= 2
        and sessions >= 60

),

final as (

    select
        spans.symbol,
        lives.last_session as session_date,
        round(1 - spans.bars / spans.sessions, 4) as observed,
        'these look like ' || case
            when spans.usual_days >= 80 then 'quarterly'
            when spans.usual_days >= 20 then 'monthly'
            when spans.usual_days >= 10 then 'fortnightly'
            when spans.usual_days >= 5 then 'weekly'
            when spans.usual_sessions >= 3 then 'twice-weekly'
            when spans.usual_sessions >= 2 then 'every-other-session'
            else 'not daily'
        end || ' bars: ' || cast(spans.sessions - spans.bars as bigint) || ' of '
        || cast(spans.sessions as bigint) || ' sessions up to ' || spans.last_session || ' have none'
            as detail
    from spans
    inner join lives
        on spans.symbol = lives.symbol
    inner join thresholds
        on spans.symbol = thresholds.symbol
    where 1 - spans.bars / spans.sessions > thresholds.threshold
    qualify row_number() over (
        partition by spans.symbol
        order by spans.preference asc, 1 - spans.bars / spans.sessions desc, spans.last_session desc
    ) = 1

)

select * from final
