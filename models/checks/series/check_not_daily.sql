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
        sum(case when sessions >= 2 then sessions end) as sessions_apart,
        count(case when sessions >= 2 then 1 end) as steps_apart,
        count(case when sessions >= 2 and days = 7 then 1 end) as steps_of_a_week,
        median(sessions) as usual_sessions,
        avg(days) as mean_days
    from steps
    group by symbol, year(session_date)

),

-- Of a year that lies mostly between bars of neighbouring sessions, holes are no rhythm; of a whole life many
-- are. Where only a part of a year is weekly, its steps tell, and not their mean.
lives as (

    select
        symbol,
        min(first_session) as first_session,
        max(last_session) as last_session,
        sum(bars) as bars,
        sum(sessions) as sessions,
        sum(sessions_apart) as sessions_apart,
        sum(steps_apart) as steps_apart,
        sum(steps_of_a_week) as steps_of_a_week,
        max(usual_sessions) as usual_sessions,
        max_by(mean_days, sessions - bars) as mean_days
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
        2 * sessions_apart >= sessions
        and sessions >= 60

),

final as (

    select
        spans.symbol,
        lives.last_session as session_date,
        round(1 - spans.bars / spans.sessions, 4) as observed,
        'these look like ' || case
            when spans.mean_days >= 80 then 'quarterly'
            when spans.mean_days >= 20 then 'monthly'
            when spans.mean_days >= 10 then 'fortnightly'
            when spans.mean_days >= 5 or 2 * spans.steps_of_a_week > spans.steps_apart then 'weekly'
            when spans.mean_days >= 3.2 then 'twice-weekly'
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
