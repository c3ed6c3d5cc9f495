-- Returns over the same two sessions, of the source in use and of another that has landed, too.
with

bars as (

    select * from {{ ref('stg_raw__bars') }}
    where
        adj_close > 0
        and isfinite(adj_close)
        and source != 'sample'

),

batches as (

    select * from {{ ref('stg_raw__batches') }}

),

sources as (

    select * from {{ ref('int_sources__active') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'source_disagreement'

),

symbols_of_several as (

    select symbol
    from bars
    group by symbol
    having count(distinct source) > 1

),

newest as (

    select
        bars.symbol,
        bars.source,
        bars.session_date,
        bars.adj_close
    from bars
    inner join symbols_of_several
        on bars.symbol = symbols_of_several.symbol
    inner join batches
        on bars.batch_id = batches.batch_id
    qualify row_number() over (
        partition by bars.symbol, bars.source, bars.session_date
        order by batches.ingested_at desc, bars.row_number asc
    ) = 1

),

returns as (

    select
        symbol,
        source,
        session_date,
        lag(session_date) over by_source as previous_session,
        adj_close / lag(adj_close) over by_source - 1 as ret_1d
    from newest
    window by_source as (partition by symbol, source order by session_date)

),

final as (

    select
        here.symbol,
        here.session_date,
        here.ret_1d - there.ret_1d as observed,
        here.source || ' ' || round(100 * here.ret_1d, 3) || ' %, ' || there.source || ' '
        || round(100 * there.ret_1d, 3) || ' %' as detail
    from returns as here
    inner join sources
        on
            here.symbol = sources.symbol
            and here.source = sources.source
    inner join returns as there
        on
            here.symbol = there.symbol
            and here.session_date = there.session_date
            and here.previous_session = there.previous_session
            and here.source != there.source
    inner join thresholds
        on here.symbol = thresholds.symbol
    where abs(here.ret_1d - there.ret_1d) > thresholds.threshold
    qualify row_number() over (
        partition by here.symbol, here.session_date
        order by abs(here.ret_1d - there.ret_1d) desc, there.source asc
    ) = 1

)

select * from final
