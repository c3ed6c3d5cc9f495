{#- What must hold for a return to be computed. One row per fault; any row stops the build. -#}
with

bars as (

    select * from {{ ref('int_bars__active') }}

),

sessions as (

    select * from {{ ref('int_sessions__panel') }}

),

all_rows as (

    select * from {{ ref('stg_raw__bars') }}

),

duplicate_sessions as (

    select
        symbol,
        session_date,
        'duplicate_session' as fault,
        count(*) || ' rows with different values in batch ' || min(batch_id) as detail
    from bars
    group by symbol, session_date
    having count(*) > 1

),

missing_adj_close as (

    select
        symbol,
        session_date,
        'missing_adj_close' as fault,
        'row ' || row_number || ' of batch ' || batch_id || ' has no adjusted close' as detail
    from bars
    where adj_close is null

),

prices as (

    {% for column in ['open', 'high', 'low', 'close', 'adj_close'] %}
    select
        symbol,
        session_date,
        row_number,
        batch_id,
        '{{ column }}' as price_column,
        {{ column }} as price
    from bars
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

impossible_prices as (

    select
        symbol,
        session_date,
        'price_not_positive_and_finite' as fault,
        price_column || ' is ' || price || ' in row ' || row_number || ' of batch ' || batch_id as detail
    from prices
    where price <= 0 or not isfinite(price)

),

high_below_low as (

    select
        symbol,
        session_date,
        'high_below_low' as fault,
        'high ' || high || ' is below low ' || low || ' in row ' || row_number
        || ' of batch ' || batch_id as detail
    from bars
    where high < low

),

unexpected_sessions as (

    select
        bars.symbol,
        bars.session_date,
        'unexpected_session' as fault,
        'the exchange (XNYS) was closed on that day' as detail
    from bars
    left join sessions
        on bars.session_date = sessions.session_date
    where sessions.session_date is null

),

numbered as (

    select
        bars.symbol,
        bars.session_date,
        bars.batch_id,
        bars.ingested_at,
        sessions.session_number,
        lag(bars.session_date) over by_symbol as previous_session,
        lag(sessions.session_number) over by_symbol as previous_number,
        lag(bars.batch_id) over by_symbol as previous_batch_id,
        lag(bars.ingested_at) over by_symbol as previous_ingested_at
    from bars
    inner join sessions
        on bars.session_date = sessions.session_date
    window by_symbol as (partition by bars.symbol order by bars.session_date, bars.row_number)

),

gaps as (

    select
        symbol,
        session_date,
        'gap_over_limit' as fault,
        (session_number - previous_number - 1) || ' sessions are missing after ' || previous_session
        || '; at most {{ var("max_filled_sessions") }} are carried' as detail
    from numbered
    where session_number - previous_number - 1 > {{ var('max_filled_sessions') }}

),

-- Where consecutive rows come from two batches, their prices must stand on one basis.
seams as (

    select
        symbol,
        session_date,
        case when ingested_at > previous_ingested_at then batch_id else previous_batch_id end
            as newer_batch_id,
        case when ingested_at > previous_ingested_at then previous_batch_id else batch_id end
            as older_batch_id
    from numbered
    where batch_id != previous_batch_id

),

-- They are compared on the session nearest to the seam for which both batches have a price.
seam_overlaps as (

    select
        seams.symbol,
        seams.session_date,
        newer.adj_close / older.adj_close as ratio
    from seams
    inner join all_rows as newer
        on
            seams.symbol = newer.symbol
            and seams.newer_batch_id = newer.batch_id
    inner join all_rows as older
        on
            newer.symbol = older.symbol
            and newer.session_date = older.session_date
            and seams.older_batch_id = older.batch_id
    where
        newer.adj_close is not null
        and older.adj_close > 0
    qualify row_number() over (
        partition by seams.symbol, seams.session_date
        order by abs(datediff('day', older.session_date, seams.session_date)), older.session_date
    ) = 1

),

batches_disagree as (

    select
        seams.symbol,
        seams.session_date,
        'batches_disagree' as fault,
        'its batches ' || seams.older_batch_id || ' and ' || seams.newer_batch_id
        || coalesce(
            ' differ by ' || (seam_overlaps.ratio - 1) || ' in adjusted close where they overlap',
            ' have no session in common'
        )
        || '; ingest the whole history of the symbol again' as detail
    from seams
    left join seam_overlaps
        on
            seams.symbol = seam_overlaps.symbol
            and seams.session_date = seam_overlaps.session_date
    where
        seam_overlaps.ratio is null
        or abs(seam_overlaps.ratio - 1) > 1e-5

),

final as (

    select * from duplicate_sessions
    union all
    select * from missing_adj_close
    union all
    select * from impossible_prices
    union all
    select * from high_below_low
    union all
    select * from unexpected_sessions
    union all
    select * from gaps
    union all
    select * from batches_disagree

)

select * from final
