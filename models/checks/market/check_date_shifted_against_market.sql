-- Where nothing moves a correlation is not a number, and unknown is no evidence. Symbols that are set aside
-- already say nothing of the others.
-- A year in which the symbol moves with the other symbols of the session before, or after, rather than
-- with those of the same one.
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
        greatest(least(bars.ret_1d, 0.1), -0.1) as ret_1d
    from bars
    inner join symbols
        on bars.symbol = symbols.symbol
    where isfinite(bars.ret_1d)

),

market as (

    select
        session_date,
        sum(ret_1d) as total,
        count(*) as symbols
    from returns
    group by session_date

),

beside_market as (

    select
        returns.symbol,
        returns.session_date,
        returns.ret_1d,
        (market.total - returns.ret_1d) / nullif(market.symbols - 1, 0) as others
    from returns
    inner join market
        on returns.session_date = market.session_date

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
        year(session_date) as year,
        max(session_date) as session_date,
        corr(ret_1d, others) as same_session,
        corr(ret_1d, others_before) as session_before,
        corr(ret_1d, others_after) as session_after
    from with_neighbours
    group by symbol, year(session_date)
    having count(*) >= 100

),

compared as (

    select * from years
    where
        isfinite(same_session)
        and isfinite(session_before)
        and isfinite(session_after)

),

final as (

    select
        compared.symbol,
        compared.session_date,
        round(greatest(compared.session_before, compared.session_after), 4) as observed,
        'in ' || compared.year || ' its returns go with those of the other symbols one session '
        || case when compared.session_before > compared.session_after then 'before' else 'after' end
        || ' (correlation ' || round(greatest(compared.session_before, compared.session_after), 2)
        || ', same session ' || round(compared.same_session, 2) || ')' as detail
    from compared
    inner join thresholds
        on compared.symbol = thresholds.symbol
    where
        greatest(compared.session_before, compared.session_after) > thresholds.threshold
        and greatest(compared.session_before, compared.session_after) - compared.same_session > 0.25

)

select * from final
