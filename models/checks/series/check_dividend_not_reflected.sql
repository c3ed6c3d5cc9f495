with

bars as (

    select * from {{ ref('int_checks__series') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'dividend_not_reflected'

),

final as (

    select
        bars.symbol,
        bars.session_date,
        bars.dividend_share as observed,
        'dividend ' || bars.dividends || ' on a close of ' || bars.previous_close
        || ' moves adj_close / close ' || round(bars.dividend_share, 2)
        || ' times as far as it should: not reflected' as detail
    from bars
    inner join thresholds
        on bars.symbol = thresholds.symbol
    where bars.dividend_share < thresholds.threshold

)

select * from final
