-- How did the six deepest episodes of each variant go, session by session from the peak? Long ones are
-- thinned to about 120 points; peak, trough and end are always there.
with

daily as (

    select
        variant_id,
        session_date,
        drawdown,
        leverage,
        row_number() over (partition by variant_id order by session_date) as place
    from marts.fct_portfolio_daily

),

episodes as (

    select
        variant_id,
        rank,
        start_date,
        trough_date,
        coalesce(end_date, date '9999-12-31') as last_date
    from marts.fct_drawdown_episodes
    where rank <= 6

),

paths as (

    select
        episodes.variant_id,
        episodes.rank,
        daily.session_date,
        daily.drawdown,
        daily.leverage,
        daily.session_date = episodes.trough_date as is_trough,
        daily.place - min(daily.place) over by_episode as sessions_in,
        max(daily.place) over by_episode - min(daily.place) over by_episode as sessions
    from episodes
    inner join daily
        on
            episodes.variant_id = daily.variant_id
            and daily.session_date between episodes.start_date and episodes.last_date
    window by_episode as (partition by episodes.variant_id, episodes.rank)

)

select
    variant_id,
    rank,
    sessions_in,
    session_date,
    round(drawdown, 4) as drawdown,
    round(leverage, 3) as leverage
from paths
where sessions_in % cast(ceil(sessions / 120) as bigint) = 0 or is_trough or sessions_in = sessions
order by variant_id, rank, sessions_in
