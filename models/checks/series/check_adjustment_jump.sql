-- A payout of this size that no dividend explains: a spin-off adjusted twice looks like it.
with

bars as (

    select * from {{ ref('int_checks__series') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'adjustment_jump'

),

final as (

    select
        bars.symbol,
        bars.session_date,
        bars.adjustment_factor / bars.previous_factor - 1 as observed,
        'adj_close / close rises from ' || round(bars.previous_factor, 6)
        || ' on ' || bars.previous_session || ' to ' || round(bars.adjustment_factor, 6) || ', as if '
        || round(100 * (1 - bars.previous_factor / bars.adjustment_factor), 1)
        || ' % had been paid out' as detail
    from bars
    inner join thresholds
        on bars.symbol = thresholds.symbol
    where
        bars.price_basis = 'split_adjusted'
        and bars.adjustment_factor / bars.previous_factor - 1 > thresholds.threshold
        and not coalesce(
            (coalesce(bars.dividends, 0) + coalesce(bars.capital_gains, 0)) / bars.previous_close
            > 0.5 * (1 - bars.previous_factor / bars.adjustment_factor),
            false
        )

)

select * from final
