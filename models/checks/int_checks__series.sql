-- Each bar in use beside the one before it, with what is usual for the symbol.
with

bars as (

    select * from {{ ref('int_bars__rebased') }}

),

sources as (

    select * from {{ ref('int_sources__active') }}

),

sessions as (

    select * from {{ ref('int_checks__sessions') }}

),

final as (

    select
        bars.symbol,
        bars.session_date,
        sources.price_basis,
        sessions.session_number,
        bars.open,
        bars.close,
        bars.adj_close,
        bars.volume,
        bars.dividends,
        bars.splits,
        bars.capital_gains,
        bars.is_kept,
        bars.close * bars.volume as traded_value,
        bars.adj_close / bars.close as adjustment_factor,
        lag(bars.session_date) over by_batch as previous_session,
        lag(sessions.session_number) over by_batch as previous_number,
        lag(bars.close) over by_batch as previous_close,
        lag(bars.adj_close) over by_batch as previous_adj_close,
        lag(bars.adj_close / bars.close) over by_batch as previous_factor,
        bars.adj_close / lag(bars.adj_close) over by_batch - 1 as ret_1d,
        {{ median_before('bars.volume', 60) }} as median_volume,
        {{ median_before('(bars.close * bars.volume)', 20, least=20) }} as median_traded_value
    from bars
    inner join sources
        on bars.symbol = sources.symbol
    inner join sessions
        on bars.session_date = sessions.session_date
    window by_batch as (partition by bars.symbol order by bars.session_date)

)

select * from final
