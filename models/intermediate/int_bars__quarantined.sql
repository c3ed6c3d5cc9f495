-- An override may let a price pass, but nothing can be computed from one that is not a number, nor a return
-- from a close that is unknown or 0: such a row is refused whatever the override says.
with

failures as (

    select * from {{ ref('int_checks__row_failures') }}

),

useless as (

    select
        batch_id,
        symbol,
        row_number
    from {{ ref('int_checks__rows') }}
    where
        close is null
        or close = 0
        or adj_close is null
        or adj_close = 0
        {%- for column in ['open', 'high', 'low', 'close', 'adj_close'] %}
        or not isfinite({{ column }})
        {%- endfor %}

),

-- A row may fail several checks; the first in the order of the index is the reason given.
final as (

    select
        failures.batch_id,
        failures.symbol,
        failures.row_number,
        failures.session_date,
        failures.check_id
    from failures
    left join useless
        on
            failures.batch_id = useless.batch_id
            and failures.symbol = useless.symbol
            and failures.row_number = useless.row_number
    where
        failures.severity = 'reject'
        or (
            useless.batch_id is not null
            and failures.check_id in ('empty_bar', 'missing_adj_close', 'missing_close', 'impossible_price')
        )
    qualify row_number() over (
        partition by failures.batch_id, failures.symbol, failures.row_number order by failures.position
    ) = 1

)

select * from final
