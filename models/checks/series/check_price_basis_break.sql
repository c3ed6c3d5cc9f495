with

bars as (

    select * from {{ ref('int_checks__series') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'price_basis_break'

),

final as (

    select
        bars.symbol,
        bars.session_date,
        bars.close / bars.previous_close as observed,
        'close ' || bars.close || ' after ' || bars.previous_close
        || ' looks like a split that only adj_close is adjusted for' as detail
    from bars
    inner join thresholds
        on bars.symbol = thresholds.symbol
    where
        bars.price_basis = 'split_adjusted'
        and {{ looks_like_split('bars.close', 'bars.open', 'bars.previous_close') }}
        and bars.traded_value / bars.median_traded_value < thresholds.threshold
        and abs(bars.ret_1d) < 0.2

)

select * from final
