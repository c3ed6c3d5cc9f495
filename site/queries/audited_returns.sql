-- How large were the daily returns of each audited asset? Of each week the best and the worst session, and
-- every session whose return is beyond the limit of the check.
with

-- The anchor is the asset for which a limit that is set for `<anchor>` holds.
anchor as (

    select distinct limits.symbol
    from checks.int_checks__thresholds as limits
    inner join seeds.data_check_overrides as overrides
        on
            limits.check_id = overrides.check_id
            and limits.threshold = overrides.threshold
    where overrides.symbol = '<anchor>'

),

audited as (

    select
        assets.symbol,
        anchor.symbol is not null as is_anchor,
        row_number() over (
            order by anchor.symbol is null asc, assets.sessions desc, assets.symbol asc
        ) as audited
    from marts.dim_assets as assets
    left join anchor
        on assets.symbol = anchor.symbol
    qualify audited <= 8

),

returns as (

    select
        audited.audited,
        bars.symbol,
        bars.session_date,
        bars.ret_1d,
        limits.threshold as return_limit,
        abs(bars.ret_1d) > limits.threshold as is_extreme
    from audited
    inner join marts.fct_bars_daily as bars
        on audited.symbol = bars.symbol
    inner join checks.int_checks__thresholds as limits
        on
            bars.symbol = limits.symbol
            and limits.check_id = 'extreme_return'
    where bars.ret_1d is not null

)

select
    audited,
    symbol,
    session_date,
    round(ret_1d, 4) as ret_1d,
    return_limit,
    is_extreme
from returns
window by_week as (partition by symbol, date_trunc('week', session_date))
qualify
    is_extreme
    or ret_1d = max(ret_1d) over by_week
    or ret_1d = min(ret_1d) over by_week
order by audited, session_date
