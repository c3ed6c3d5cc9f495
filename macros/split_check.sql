{#
    The check that prices are adjusted for a split, once. A split of s that the past is not adjusted for
    divides the price by s (sign +: the logarithms add up to nothing), one that it is adjusted for twice
    multiplies it (sign -).

    Where the source tells its splits, the price of a split session is held against them. Where it does
    not, a split shows as a gap by a whole ratio at the open that stays to the close, on no more than
    the usual traded value (price times shares, which a split does not change). A crash to half the price
    is told apart by its traded value, several times the usual one.
#}
{% macro split_check(check_id, sign, told) -%}
with

bars as (

    select * from {{ ref('int_checks__series') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = '{{ check_id }}'

),

final as (

    select
        bars.symbol,
        bars.session_date,
        bars.ret_1d + 1 as observed,
        'adj_close ' || bars.adj_close || ' after ' || bars.previous_adj_close
        || case
            when bars.splits > 0
                then ' on a split of ' || bars.splits || ', which the past is {{ told }}'
            else ', the gap of a split that the past is {{ told }}'
        end as detail
    from bars
    inner join thresholds
        on bars.symbol = thresholds.symbol
    where
        case
            when bars.splits > 0 and bars.splits != 1 and bars.ret_1d > -1
                then
                    -- A smaller one could be mistaken for a move of the price.
                    abs(ln(bars.splits)) > 0.3
                    and abs(ln(bars.ret_1d + 1) {{ sign }} ln(bars.splits)) < 0.3 * abs(ln(bars.splits))
            else
                bars.ret_1d {{ '<' if sign == '+' else '>' }} 0
                and {{ looks_like_split(
                    'bars.adj_close', '(bars.open * bars.adjustment_factor)', 'bars.previous_adj_close'
                ) }}
                and bars.traded_value / bars.median_traded_value < thresholds.threshold
        end

)

select * from final
{%- endmacro %}
