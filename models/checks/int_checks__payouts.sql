-- How far each dividend and capital gain should move adj_close / close, and how far it does. The past is
-- divided by 1 - payout / previous close (the adjustment of CRSP and Yahoo). A source may count a capital
-- gain into its dividend or tell it beside it: the reading that the adjustment fits is taken.
with

adjustments as (

    select * from {{ ref('int_checks__adjustments') }}

),

-- A payout below a hundredth of a percent is lost in what sources leave out; one on the day of a split is not
-- judged.
paid as (

    select
        *,
        coalesce(greatest(dividends, 0), 0) as dividend,
        coalesce(greatest(capital_gains, 0), 0) as gain
    from adjustments
    where
        price_basis = 'split_adjusted'
        and coalesce(splits, 0) in (0, 1)
        and (dividends > 0 or capital_gains > 0)
        and coalesce(greatest(dividends, 0), 0) + coalesce(greatest(capital_gains, 0), 0)
        between 1e-4 * previous_close and 0.9 * previous_close

),

written as (

    select
        *,
        case when dividend > 0 then {{ written_decimals('dividend') }} end as dividend_decimals,
        case when gain > 0 then {{ written_decimals('gain') }} end as gain_decimals
    from paid

),

-- Few rows have a payout: three of them before and after are near.
rounded as (

    select
        *,
        coalesce({{ rounding_of('dividend', decimals_near('dividend_decimals', 3)) }}, 0)
            as dividend_rounding,
        coalesce({{ rounding_of('gain', decimals_near('gain_decimals', 3)) }}, 0) as gain_rounding
    from written
    window by_batch as (partition by symbol, batch_id order by session_date)

),

bounds as (

    select
        *,
        dividend * (1 - dividend_rounding) as low_dividend,
        dividend * (1 + dividend_rounding) as high_dividend,
        gain * (1 - gain_rounding) as low_gain,
        gain * (1 + gain_rounding) as high_gain,
        previous_close * (1 - previous_close_rounding) as low_close,
        previous_close * (1 + previous_close_rounding) as high_close
    from rounded

),

moves as (

    select
        symbol,
        session_date,
        previous_close,
        dividend,
        gain,
        move,
        move_low,
        move_high,
        -ln(1 - least(dividend / previous_close, 0.99)) as by_dividend,
        -ln(1 - least((dividend + gain) / previous_close, 0.99)) as by_both,
        -ln(1 - least(greatest(dividend - gain, 0) / previous_close, 0.99)) as by_rest,
        -ln(1 - least(low_dividend / high_close, 0.99)) as by_dividend_low,
        -ln(1 - least((low_dividend + low_gain) / high_close, 0.99)) as by_both_low,
        -ln(1 - least(greatest(low_dividend - low_gain, 0) / high_close, 0.99)) as by_rest_low,
        -ln(1 - least(high_dividend / low_close, 0.99)) as by_dividend_high,
        -ln(1 - least((high_dividend + high_gain) / low_close, 0.99)) as by_both_high,
        -ln(1 - least(greatest(high_dividend - high_gain, 0) / low_close, 0.99)) as by_rest_high
    from bounds

),

-- Of a payout that was adjusted for twice the nearer reading is taken, once or twice.
readings as (

    select
        *,
        case
            when gain = 0 then 'dividend'
            when move_high + 1e-6 >= by_both_low and move_low - 1e-6 <= by_both_high
                then 'dividend and gain'
            when move_high + 1e-6 >= by_dividend_low and move_low - 1e-6 <= by_dividend_high
                then 'dividend'
            when dividend > gain and move_high + 1e-6 >= by_rest_low and move_low - 1e-6 <= by_rest_high
                then 'dividend without gain'
            when
                least(abs(move - by_both), abs(move - 2 * by_both))
                < least(abs(move - by_dividend), abs(move - 2 * by_dividend))
                then 'dividend and gain'
            else 'dividend'
        end as reading
    from moves

),

-- What the dividend has to answer for: what is left of the move when the gain has its part, by what it should
-- be. A gain without a dividend answers for itself.
parts as (

    select
        *,
        dividend / previous_close >= 1e-4 as has_dividend,
        case
            when reading = 'dividend without gain' then by_rest
            when reading = 'dividend and gain' and dividend / previous_close < 1e-4 then by_both
            else by_dividend
        end as due,
        case
            when reading = 'dividend and gain' and dividend / previous_close >= 1e-4
                then by_both - by_dividend
            else 0
        end as by_gain,
        case
            when reading = 'dividend without gain' then by_rest_low
            when reading = 'dividend and gain' and dividend / previous_close < 1e-4 then by_both_low
            else by_dividend_low
        end as due_low,
        case
            when reading = 'dividend and gain' and dividend / previous_close >= 1e-4
                then by_both_low - by_dividend_low
            else 0
        end as by_gain_low,
        case
            when reading = 'dividend without gain' then by_rest_high
            when reading = 'dividend and gain' and dividend / previous_close < 1e-4 then by_both_high
            else by_dividend_high
        end as due_high,
        case
            when reading = 'dividend and gain' and dividend / previous_close >= 1e-4
                then by_both_high - by_dividend_high
            else 0
        end as by_gain_high
    from readings

),

shares as (

    select
        *,
        (move - by_gain) / due as share,
        (move_low - by_gain_high) / case when move_low > by_gain_high then due_high else due_low end
            as share_low,
        (move_high - by_gain_low) / case when move_high > by_gain_low then due_low else due_high end
            as share_high
    from parts

),

final as (

    select
        symbol,
        session_date,
        previous_close,
        dividend as dividends,
        gain as capital_gains,
        reading,
        case when has_dividend or reading = 'dividend and gain' then share end as dividend_share,
        case when has_dividend or reading = 'dividend and gain' then share_low end as dividend_share_low,
        case when has_dividend or reading = 'dividend and gain' then share_high end as dividend_share_high,
        case
            when gain / previous_close < 1e-4 then null
            when reading = 'dividend and gain' then move_high / by_both_low
            when reading = 'dividend without gain' then (move - by_rest) / (by_dividend - by_rest)
            when dividend >= gain then share_high
            else (move_high - by_dividend_low) / (by_both_low - by_dividend_low)
        end as capital_gain_share
    from shares

)

select * from final
