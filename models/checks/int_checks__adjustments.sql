-- How far adj_close / close moves from one bar in use to the next, and what the written decimals leave open
-- of it: each price may be off by half a unit of its last decimal. As a fraction of the price that is the
-- same on every basis, so that rows that were rescaled have it from their raw row. Only of symbols of which a
-- check could complain: decimals take time to read.
with

series as (

    select * from {{ ref('int_checks__series') }}

),

active as (

    select * from {{ ref('int_bars__active') }}
    where
        close > 0
        and adj_close > 0

),

suspects as (

    select distinct symbol
    from series
    where
        adjustment_factor / previous_factor < 1 - 1e-5
        or capital_gains > 0
        or case
            when dividends / previous_close between 1e-4 and 0.9 and adjustment_factor / previous_factor > 0
                then
                    abs(
                        ln(adjustment_factor / previous_factor) / -ln(1 - dividends / previous_close) - 1
                    ) > 0.1
            else false
        end

),

bars as (

    select series.*
    from series
    inner join suspects
        on series.symbol = suspects.symbol

),

-- After the last payout adj_close is close, whatever the decimals of the column.
written as (

    select
        *,
        {{ written_decimals('close') }} as close_decimals,
        case when adj_close != close then {{ written_decimals('adj_close') }} end as adj_close_decimals
    from active
    where symbol in (select suspects.symbol from suspects)

),

near as (

    select
        symbol,
        session_date,
        batch_id,
        close,
        adj_close,
        capital_gains,
        {{ decimals_near('close_decimals', 10) }} as close_decimals,
        {{ decimals_near('adj_close_decimals', 10) }} as adj_close_decimals
    from written
    window by_batch as (partition by symbol, batch_id order by session_date)

),

rounded as (

    select
        *,
        {{ rounding_of('close', 'close_decimals') }} as close_rounding,
        {{ rounding_of('adj_close', 'coalesce(adj_close_decimals, close_decimals)') }} as adj_close_rounding
    from near

),

with_bounds as (

    select
        bars.symbol,
        bars.session_date,
        bars.price_basis,
        bars.close,
        bars.dividends,
        bars.splits,
        rounded.batch_id,
        rounded.close_rounding,
        bars.adjustment_factor,
        rounded.capital_gains * (bars.close / rounded.close) as capital_gains,
        ln(bars.adjustment_factor) as log_factor,
        ln(bars.adjustment_factor / (rounded.adj_close / rounded.close)) as log_rescaled,
        ln(1 + rounded.adj_close_rounding) - ln(1 - rounded.close_rounding) as above,
        ln(1 + rounded.close_rounding) - ln(1 - rounded.adj_close_rounding) as below
    from bars
    inner join rounded
        on
            bars.symbol = rounded.symbol
            and bars.session_date = rounded.session_date

),

-- What an older batch was rescaled by is a quotient of two more pairs of rounded prices.
beside_previous as (

    select
        *,
        lag(session_date) over by_symbol as previous_session,
        lag(close) over by_symbol as previous_close,
        lag(close_rounding) over by_symbol as previous_close_rounding,
        lag(adjustment_factor) over by_symbol as previous_factor,
        log_factor - lag(log_factor) over by_symbol as move,
        (above + lag(below) over by_symbol) * case
            when abs(log_rescaled - lag(log_rescaled) over by_symbol) > 1e-9 then 3 else 1
        end as move_above,
        (below + lag(above) over by_symbol) * case
            when abs(log_rescaled - lag(log_rescaled) over by_symbol) > 1e-9 then 3 else 1
        end as move_below
    from with_bounds
    window by_symbol as (partition by symbol order by session_date)

),

final as (

    select
        symbol,
        session_date,
        batch_id,
        price_basis,
        close,
        previous_session,
        previous_close,
        previous_close_rounding,
        adjustment_factor,
        previous_factor,
        dividends,
        capital_gains,
        splits,
        move,
        move - move_below as move_low,
        move + move_above as move_high
    from beside_previous
    where previous_session is not null

)

select * from final
