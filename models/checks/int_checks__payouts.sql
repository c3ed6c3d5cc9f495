-- How far each dividend and capital gain should move adj_close / close, and how far it does. The past is
-- divided by 1 - payout / previous close (the adjustment of CRSP and Yahoo). A source may count a capital gain
-- into its dividend or tell it beside it: the reading that the adjustment fits is taken.
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
        coalesce({{ rounding_of('dividend', decimals_near('dividend_decimals', 3)) }}, 0) as dividend_rounding,
        coalesce({{ rounding_of('gain', decimals_near('gain_decimals', 3)) }}, 0) as gain_rounding
    from written
    window by_batch as (partition by symbol, batch_id order by session_date)

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
        {% for bound, up, down in [('', '', ''), ('_low', '-', '+'), ('_high', '+', '-')] %}
        {%- set of_close = ' / (previous_close * (1 ' ~ (down ~ ' previous_close_rounding' if down else '') ~ '))' -%}
        {%- set dividends = 'dividend * (1 ' ~ (up ~ ' dividend_rounding' if up else '') ~ ')' -%}
        {%- set gains = 'gain * (1 ' ~ (up ~ ' gain_rounding' if up else '') ~ ')' -%}
        -ln(1 - least(({{ dividends }}){{ of_close }}, 0.99)) as by_dividend{{ bound }},
        -ln(1 - least(({{ dividends }} + {{ gains }}){{ of_close }}, 0.99)) as by_both{{ bound }},
        -ln(1 - least(greatest({{ dividends }} - {{ gains }}, 0){{ of_close }}, 0.99))
            as by_rest{{ bound }}{{ ',' if not loop.last }}
        {% endfor %}
    from rounded

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
        {% for bound in ['', '_low', '_high'] %}
        case
            when reading = 'dividend without gain' then by_rest{{ bound }}
            when reading = 'dividend and gain' and dividend / previous_close < 1e-4 then by_both{{ bound }}
            else by_dividend{{ bound }}
        end as due{{ bound }},
        case
            when reading = 'dividend and gain' and dividend / previous_close >= 1e-4
                then by_both{{ bound }} - by_dividend{{ bound }}
            else 0
        end as by_gain{{ bound }}{{ ',' if not loop.last }}
        {% endfor %}
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
