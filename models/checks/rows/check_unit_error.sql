-- A price in cents, or off by a power of ten, against the median of the eleven rows before it. A change
-- of unit that stays is refused for more than five sessions, so that the gap it leaves sets the symbol aside.
-- As traded, a reverse split moves prices alike, so that only the adjusted close is looked at there.
with

bars as (

    select * from {{ ref('int_checks__rows') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'unit_error'

),

ratios as (

    {% for column in ['open', 'high', 'low', 'close', 'adj_close'] %}
    select
        symbol,
        session_date,
        batch_id,
        row_number,
        '{{ column }}' as price_column,
        {{ column }} as price,
        median_{{ column }} as usual,
        {{ column }} / median_{{ column }} as ratio
    from bars
    where
        {{ column }} > 0
        and isfinite({{ column }})
        {%- if column != 'adj_close' %}
        and price_basis = 'split_adjusted'
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        ratios.symbol,
        ratios.session_date,
        ratios.batch_id,
        ratios.row_number,
        max(ratios.ratio) as observed,
        string_agg(
            ratios.price_column || ' is ' || ratios.price || ', lately ' || ratios.usual,
            '; ' order by ratios.price_column
        ) as detail
    from ratios
    inner join thresholds
        on ratios.symbol = thresholds.symbol
    where
        ratios.ratio >= thresholds.threshold
        or ratios.ratio <= 1 / thresholds.threshold
    group by ratios.symbol, ratios.session_date, ratios.batch_id, ratios.row_number

)

select * from final
