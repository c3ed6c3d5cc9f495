with

quarantined as (

    select * from {{ ref('int_bars__quarantined') }}

),

candidates as (

    select * from {{ ref('int_bars__candidates') }}

),

-- A price that is not finite is what the row is here for; a mart holds no such number.
bars as (

    select
        candidates.batch_id,
        candidates.symbol,
        candidates.row_number,
        candidates.session_date,
        quarantined.check_id,
        {%- for column in ['open', 'high', 'low', 'close', 'adj_close'] %}
        case when isfinite(candidates.{{ column }}) then candidates.{{ column }} end as {{ column }},
        {%- endfor %}
        candidates.volume
    from quarantined
    inner join candidates
        on
            quarantined.batch_id = candidates.batch_id
            and quarantined.symbol = candidates.symbol
            and quarantined.row_number = candidates.row_number

),

final as (

    select
        {{ cast_columns() }}
    from bars

)

select * from final
