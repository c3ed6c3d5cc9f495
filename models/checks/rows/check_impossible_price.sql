with

bars as (

    select * from {{ ref('int_checks__rows') }}

),

prices as (

    {% for column in ['open', 'high', 'low', 'close', 'adj_close'] %}
    select
        symbol,
        session_date,
        batch_id,
        row_number,
        '{{ column }}' as price_column,
        {{ column }} as price
    from bars
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        symbol,
        session_date,
        batch_id,
        row_number,
        min(case when isfinite(price) then price end) as observed,
        string_agg(price_column || ' is ' || price, ', ' order by price_column) as detail
    from prices
    where
        price <= 0
        or not isfinite(price)
    group by symbol, session_date, batch_id, row_number

)

select * from final
