-- How far adj_close / close moves from one bar to the next, and how far it should: as written, and at the
-- least and at the most that the rounding of what is written allows. Only of symbols of which a check could
-- complain.
with

-- A price below zero, which an override may let pass, has no logarithm.
bars as (

    select * from {{ ref('int_checks__series') }}
    where least(close, adj_close, previous_close, previous_adj_close) > 0

),

active as (

    select * from {{ ref('int_bars__active') }}

),

rebased as (

    select * from {{ ref('int_bars__rebased') }}

),

suspects as (

    select distinct symbol
    from bars
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

units as (

    select
        active.symbol,
        active.session_date,
        {{ written_unit('active.close') }} * rebased.close_factor as close_unit,
        {{ written_unit('active.adj_close') }} * rebased.adj_close_factor as adj_close_unit,
        {{ written_unit('coalesce(active.dividends, 0)') }} * rebased.close_factor as dividend_unit
    from active
    inner join suspects
        on active.symbol = suspects.symbol
    inner join rebased
        on
            active.symbol = rebased.symbol
            and active.session_date = rebased.session_date
    window by_batch as (partition by active.symbol, active.batch_id order by active.session_date)

),

rounded as (

    select
        bars.symbol,
        bars.session_date,
        bars.price_basis,
        bars.previous_session,
        bars.close,
        bars.previous_close,
        bars.adjustment_factor,
        bars.previous_factor,
        coalesce(bars.splits, 0) in (0, 1) as is_without_split,
        case when isfinite(bars.dividends) and bars.dividends > 0 then bars.dividends else 0 end as dividend,
        case
            when isfinite(bars.capital_gains) and bars.capital_gains > 0 then bars.capital_gains else 0
        end as gain,
        units.dividend_unit,
        units.close_unit,
        (bars.adj_close - units.adj_close_unit) / (bars.close + units.close_unit) as factor_least,
        (bars.adj_close + units.adj_close_unit) / nullif(greatest(bars.close - units.close_unit, 0), 0)
            as factor_most
    from bars
    inner join units
        on
            bars.symbol = units.symbol
            and bars.session_date = units.session_date

),

beside_previous as (

    select
        *,
        lag(factor_least) over by_symbol as previous_least,
        lag(factor_most) over by_symbol as previous_most,
        lag(close_unit) over by_symbol as previous_close_unit
    from rounded
    window by_symbol as (partition by symbol order by session_date)

),

-- The past is divided by 1 - payout / previous close (the adjustment of CRSP and Yahoo). A payout below a
-- hundredth of a percent is lost in rounding, and one on the day of a split is not judged.
steps as (

    select
        *,
        adjustment_factor / previous_factor as step,
        factor_least / nullif(previous_most, 0) as step_least,
        factor_most / nullif(greatest(previous_least, 0), 0) as step_most,
        case
            when dividend / previous_close between 1e-4 and 0.9 then dividend
        end as dividend_alone,
        case
            when gain > 0 and (dividend + gain) / previous_close between 1e-4 and 0.9 then dividend + gain
        end as dividend_and_gain
    from beside_previous
    where
        previous_close > 0
        and adjustment_factor / previous_factor > 0

),

shares as (

    select
        *,
        price_basis = 'split_adjusted' and is_without_split as is_judged,
        ln(step) / -ln(1 - dividend_alone / previous_close) as share_alone,
        ln(step) / -ln(1 - dividend_and_gain / previous_close) as share_with_gain
    from steps

),

-- A dividend may hold the gain or not: which of the two, the adjustment tells.
chosen as (

    select
        *,
        case
            when dividend_and_gain is null then false
            when dividend_alone is null then abs(share_with_gain - 1) < 0.5
            else abs(share_with_gain - 1) < abs(share_alone - 1)
        end as is_gain_counted
    from shares

),

paid as (

    select
        *,
        case when is_gain_counted then dividend_and_gain else dividend_alone end as payout,
        case when is_gain_counted then 2 else 1 end * dividend_unit as payout_unit
    from chosen

),

expected as (

    select
        *,
        -ln(1 - greatest(payout - payout_unit, 0) / (previous_close + previous_close_unit)) as expected_least,
        case
            when payout + payout_unit < previous_close - previous_close_unit
                then -ln(1 - (payout + payout_unit) / (previous_close - previous_close_unit))
        end as expected_most
    from paid

),

final as (

    select
        symbol,
        session_date,
        previous_session,
        price_basis,
        close,
        previous_close,
        adjustment_factor,
        previous_factor,
        dividend,
        gain,
        step - 1 as factor_change,
        step_most - 1 as factor_change_most,
        case when is_judged then is_gain_counted end as is_gain_counted,
        case
            when is_judged and is_gain_counted then share_with_gain
            when is_judged then share_alone
        end as share,
        case
            when is_judged and payout is not null and expected_least > 0 and step_most > 0
                then
                    case
                        when step_most < 1 then ln(step_most) / coalesce(expected_most, expected_least)
                        else ln(step_most) / expected_least
                    end
        end as share_most,
        case
            when is_judged and payout is not null and expected_most > 0 and step_least > 0
                then ln(step_least) / expected_most
        end as share_least
    from expected

)

select * from final
