-- A batch that ends before an earlier one did, or that begins later although it reaches back over more
-- than the overlap that an incremental batch begins with.
with

batches as (

    select * from {{ ref('int_checks__batches') }}

),

sessions as (

    select * from {{ ref('int_checks__sessions') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'shorter_history'

),

beside_earlier as (

    select
        *,
        min(first_session) over earlier as earlier_first,
        max(last_session) over earlier as earlier_last
    from batches
    window earlier as (
        partition by symbol order by ingested_at rows between unbounded preceding and 1 preceding
    )

),

overlapping as (

    select
        beside_earlier.symbol,
        beside_earlier.batch_id,
        count(*) as overlap
    from beside_earlier
    inner join sessions
        on sessions.session_date between beside_earlier.first_session and beside_earlier.earlier_last
    group by beside_earlier.symbol, beside_earlier.batch_id

),

last_sessions as (

    select
        symbol,
        max(last_session) as session_date
    from batches
    group by symbol

),

final as (

    select
        beside_earlier.symbol,
        last_sessions.session_date,
        cast(overlapping.overlap as double) as observed,
        'batch ' || beside_earlier.batch_id || ' holds ' || beside_earlier.first_session || ' to '
        || beside_earlier.last_session || ', earlier ones ' || beside_earlier.earlier_first || ' to '
        || beside_earlier.earlier_last as detail
    from beside_earlier
    inner join last_sessions
        on beside_earlier.symbol = last_sessions.symbol
    inner join thresholds
        on beside_earlier.symbol = thresholds.symbol
    left join overlapping
        on
            beside_earlier.symbol = overlapping.symbol
            and beside_earlier.batch_id = overlapping.batch_id
    where
        beside_earlier.last_session < beside_earlier.earlier_last
        or (
            beside_earlier.first_session > beside_earlier.earlier_first
            and overlapping.overlap > thresholds.threshold
        )
    qualify row_number() over (
        partition by beside_earlier.symbol order by beside_earlier.ingested_at desc
    ) = 1

)

select * from final
