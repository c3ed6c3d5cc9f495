-- Against the time at which the newest batch of the symbol was fetched, so that the answer does not change
-- from day to day. With end_session the newest bars are left out on purpose.
with

bars as (

    select * from {{ ref('int_checks__rows') }}

),

sources as (

    select * from {{ ref('int_sources__active') }}

),

sessions as (

    select * from {{ ref('stg_raw__sessions') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'stale_last_bar'

),

newest as (

    select
        bars.symbol,
        max(case when bars.is_bar then bars.session_date end) as session_date,
        max(bars.ingested_at) as ingested_at
    from bars
    inner join sources
        on bars.symbol = sources.symbol
    where sources.source = 'yahoo'
    group by bars.symbol

),

final as (

    select
        newest.symbol,
        newest.session_date,
        cast(count(*) as double) as observed,
        count(*) || ' sessions had closed since the last bar when it was fetched' as detail
    from newest
    inner join sessions
        on
            newest.session_date < sessions.session_date
            and newest.ingested_at >= sessions.close_at
    inner join thresholds
        on newest.symbol = thresholds.symbol
    where {{ 'true' if var('end_session') is none else 'false' }}
    group by newest.symbol, newest.session_date, newest.ingested_at
    having count(*) >= min(thresholds.threshold)

)

select * from final
