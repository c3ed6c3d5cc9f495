-- A year in which the symbol moves with the other symbols of the session before, or after, rather than
-- with those of the same one.
with

bars as (

    select * from {{ ref('int_checks__series') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'date_shifted_against_market'

),

-- Clipped, so that one crash does not decide the correlation of a year.
returns as (

    select
        symbol,
        session_date,
        greatest(least(ret_1d, 0.1), -0.1) as ret_1d
    from bars
    where ret_1d is not null

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

final as (

    select
        years.symbol,
        years.session_date,
        round(greatest(years.session_before, years.session_after), 4) as observed,
        'in ' || years.year || ' its returns go with those of the other symbols one session '
        || case when years.session_before > years.session_after then 'before' else 'after' end
        || ' (correlation ' || round(greatest(years.session_before, years.session_after), 2)
        || ', same session ' || round(years.same_session, 2) || ')' as detail
    from years
    inner join thresholds
        on years.symbol = thresholds.symbol
    where
        greatest(years.session_before, years.session_after) > thresholds.threshold
        and greatest(years.session_before, years.session_after) - years.same_session > 0.25

)

select * from final
