-- A company under two tickers, as after a change of name, would be held twice. Returns that are equal to a
-- thousandth of a percent meet by chance on a session in a thousand; on four in five of a year they do not.
with

bars as (

    select * from {{ ref('int_checks__series') }}

),

symbols as (

    select * from {{ ref('int_checks__sound_symbols') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'same_returns_as_another'

),

returns as (

    select
        bars.symbol,
        bars.session_date,
        year(bars.session_date) as year,
        cast(round(bars.ret_1d * 100000) as bigint) as rounded_return
    from bars
    inner join symbols
        on bars.symbol = symbols.symbol
    where
        isfinite(bars.ret_1d)
        and abs(bars.ret_1d) between 0.00005 and 10

),

years as (

    select
        symbol,
        year,
        count(*) as sessions
    from returns
    group by symbol, year

),

pairs as (

    select
        later.symbol,
        earlier.symbol as other,
        later.year,
        max(later.session_date) as session_date,
        count(*) as equal_sessions
    from returns as later
    inner join returns as earlier
        on
            later.session_date = earlier.session_date
            and later.rounded_return = earlier.rounded_return
            and later.symbol > earlier.symbol
    group by later.symbol, earlier.symbol, later.year
    having count(*) >= 100

),

final as (

    select
        pairs.symbol,
        pairs.session_date,
        cast(pairs.equal_sessions as double) / years.sessions as observed,
        'on ' || pairs.equal_sessions || ' of ' || years.sessions || ' sessions of ' || pairs.year
        || ' it has the return of ' || pairs.other || ': the same company twice?' as detail
    from pairs
    inner join years
        on
            pairs.symbol = years.symbol
            and pairs.year = years.year
    inner join thresholds
        on pairs.symbol = thresholds.symbol
    where pairs.equal_sessions / years.sessions >= thresholds.threshold
    qualify row_number() over (
        partition by pairs.symbol, pairs.session_date order by pairs.equal_sessions desc, pairs.other asc
    ) = 1

)

select * from final
