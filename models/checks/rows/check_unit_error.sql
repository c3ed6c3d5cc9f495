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

-- The medians are dear, and most batches need none: where no price moves by more than the twelfth root of the
-- threshold from one row to the next, none can be the threshold times a median of the eleven before it. That
-- holds of unbroken columns alone: of those that are known in every row, or in none.
restless as (

    select
        bars.symbol,
        bars.batch_id
    from bars
    inner join thresholds
        on bars.symbol = thresholds.symbol
    group by bars.symbol, bars.batch_id, thresholds.threshold
    having
        false
        {% for column in ['open', 'high', 'low', 'close', 'adj_close'] %}
        or count(bars.{{ column }}) not in (0, count(*))
        or min(bars.{{ column }}) <= 0
        or not isfinite(max(bars.{{ column }}))
        or max(bars.{{ column }} / bars.previous_{{ column }}) > power(thresholds.threshold, 1 / 12)
        or min(bars.{{ column }} / bars.previous_{{ column }}) < power(thresholds.threshold, -1 / 12)
        {% endfor %}

),

with_medians as (

    select
        bars.*,
        {% for column in ['open', 'high', 'low', 'close'] %}
        {{ median_before('bars.' ~ column, 11) }} as median_{{ column }},
        {% endfor %}
        {{ median_before('bars.adj_close', 11) }} as median_adj_close
    from bars
    inner join restless
        on
            bars.symbol = restless.symbol
            and bars.batch_id = restless.batch_id
    window by_batch as (
        partition by bars.symbol, bars.batch_id order by bars.session_date, bars.row_number
    )

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
    from with_medians
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
