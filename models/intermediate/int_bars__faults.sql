{#- What must hold for a return to be computed. One row per fault; any row stops the build. -#}
with

bars as (

    select * from {{ ref('int_bars__active') }}

),

sessions as (

    select * from {{ ref('int_sessions__panel') }}

),

rebased as (

    select * from {{ ref('int_bars__rebased') }}

),

sources as (

    select * from {{ ref('int_sources__active') }}

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
        sessions.session_number,
        lag(bars.session_date) over by_symbol as previous_session,
        lag(sessions.session_number) over by_symbol as previous_number
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
        || '; at most {{ var("max_filled_sessions") | int }} are carried' as detail
    from numbered
    where session_number - previous_number - 1 > {{ var('max_filled_sessions') | int }}

),

batches_without_common_session as (

    select
        rebased.symbol,
        rebased.session_date,
        'no_common_session' as fault,
        'batch ' || rebased.batch_id || ', which alone has it, and the newer ' || sources.newest_batch_id
        || ' have no session in common with a price in both; ingest the whole history of the symbol again'
            as detail
    from rebased
    inner join sources
        on rebased.symbol = sources.symbol
    where rebased.adj_close_factor is null
    qualify row_number() over (
        partition by rebased.symbol, rebased.batch_id order by rebased.session_date
    ) = 1

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
    select * from batches_without_common_session

)

select * from final
