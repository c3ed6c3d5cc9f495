-- Prices as traded that are taken for adjusted ones: at a split the close breaks, and the adjusted close goes
-- on. A payout of most of the price looks alike where the source tells none of the two.
with

bars as (

    select * from {{ ref('int_checks__series') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'price_basis_break'

),

steps as (

    select
        *,
        greatest(adjustment_factor / previous_factor, previous_factor / adjustment_factor) as ratio
    from bars
    where
        price_basis = 'split_adjusted'
        and abs(ret_1d) < 0.2

),

final as (

    select
        steps.symbol,
        steps.session_date,
        steps.close / steps.previous_close as observed,
        'close ' || steps.close || ' after ' || steps.previous_close
        || case
            when steps.splits > 0 and steps.splits != 1 then ' on a split of ' || steps.splits || ' is'
            else ' looks like a split of ' || {{ ratio_name('steps.ratio') }}
        end
        || ' that only adj_close is adjusted for: prices as traded?' as detail
    from steps
    inner join thresholds
        on steps.symbol = thresholds.symbol
    where
        case
            when steps.splits > 0 and steps.splits != 1 and isfinite(steps.splits)
                then
                    abs(ln(steps.adjustment_factor / steps.previous_factor) - ln(steps.splits))
                    < 0.3 * abs(ln(steps.splits))
            else
                (
                    {{ looks_like_split('steps.close', 'steps.open', 'steps.previous_close') }}
                    or (steps.ratio between 1.3 and 50.5 and {{ is_simple_ratio('steps.ratio') }})
                )
                and coalesce(steps.traded_value / steps.median_traded_value < thresholds.threshold, true)
        end

)

select * from final
