-- A year in which the symbol moves with the other symbols of the session before, or after, rather than
-- with those of the same one. Where nothing moves a correlation is not a number, and unknown is no evidence.
-- Symbols that are set aside already say nothing of the others.
with

bars as (

    select * from {{ ref('int_checks__series') }}

),

symbols as (

    select * from {{ ref('int_checks__sound_symbols') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'date_shifted_against_market'

),

-- Clipped, so that one crash does not decide the correlation of a year.
returns as (

    select
        bars.symbol,
        bars.session_date,
        year(bars.session_date) as year,
        greatest(least(bars.ret_1d, 0.1), -0.1) as ret_1d
    from bars
    inner join symbols
        on bars.symbol = symbols.symbol
    where isfinite(bars.ret_1d)

),

-- A cash column, or the target of a takeover, stands still on most days or moves by its rounding alone.
moving as (

    select
        symbol,
        year,
        count(*) as bars
    from returns
    group by symbol, year
    having
        count(case when ret_1d != 0 then 1 end) >= 100
        and stddev_samp(ret_1d) > 1e-4

),

moving_returns as (

    select
        returns.*,
        moving.bars
    from returns
    inner join moving
        on
            returns.symbol = moving.symbol
            and returns.year = moving.year

),

market as (

    select
        session_date,
        sum(ret_1d) as total,
        count(*) as symbols
    from moving_returns
    group by session_date

),

beside_market as (

    select
        moving_returns.symbol,
        moving_returns.session_date,
        moving_returns.year,
        moving_returns.bars,
        moving_returns.ret_1d,
        market.symbols,
        (market.total - moving_returns.ret_1d) / nullif(market.symbols - 1, 0) as others
    from moving_returns
    inner join market
        on moving_returns.session_date = market.session_date

),

with_neighbours as (

    select
        *,
        lag(others) over (partition by symbol order by session_date) as others_before,
        lead(others) over (partition by symbol order by session_date) as others_after
    from beside_market

),

years as (

    select
        symbol,
        year,
        max(bars) as bars,
        max(symbols) as symbols,
        max(session_date) as session_date,
        corr(ret_1d, others) as same_session,
        corr(ret_1d, others_before) as session_before,
        corr(ret_1d, others_after) as session_after
    from with_neighbours
    group by symbol, year
    having count(others) >= 100

),

compared as (

    select
        *,
        greatest(session_before, session_after) as neighbouring_session
    from years
    where
        isfinite(same_session)
        and isfinite(session_before)
        and isfinite(session_after)

),

suspects as (

    select
        compared.*,
        compared.symbol = {{ anchor_symbol() }} as is_anchor
    from compared
    inner join thresholds
        on compared.symbol = thresholds.symbol
    where
        compared.neighbouring_session > thresholds.threshold
        and compared.neighbouring_session - compared.same_session > 0.25

),

-- Among few, the one that is late makes the others look early. The anchor is to blame only where it alone is
-- out of step with many; of two, the one that lacks a session is: the first or last of a year that was moved.
final as (

    select
        symbol,
        session_date,
        round(neighbouring_session, 4) as observed,
        'in ' || year || ' its returns go with those of the other symbols one session '
        || case when session_before > session_after then 'before' else 'after' end
        || ' (correlation ' || round(neighbouring_session, 2) || ', same session ' || round(same_session, 2)
        || ')' as detail
    from suspects
    where
        not is_anchor
        or symbols > 3
    qualify case
        when is_anchor then count(*) over (partition by year) = 1
        else symbols > 2 or bars = min(bars) over (partition by year)
    end

)

select * from final
