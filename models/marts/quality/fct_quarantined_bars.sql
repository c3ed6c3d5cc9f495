with

quarantined as (

    select * from {{ ref('int_bars__quarantined') }}

),

candidates as (

    select * from {{ ref('int_bars__candidates') }}

),

-- A price that is not finite is what the row is here for; a mart holds no such number.
final as (

    select
        cast(candidates.batch_id as varchar) as batch_id,
        cast(candidates.symbol as varchar) as symbol,
        cast(candidates.row_number as bigint) as row_number,
        cast(candidates.session_date as date) as session_date,
        cast(quarantined.check_id as varchar) as check_id,
        {%- for column in ['open', 'high', 'low', 'close', 'adj_close'] %}
        cast(
            case when isfinite(candidates.{{ column }}) then candidates.{{ column }} end as double
        ) as {{ column }},
        {%- endfor %}
        cast(candidates.volume as bigint) as volume
    from quarantined
    inner join candidates
        on
            quarantined.batch_id = candidates.batch_id
            and quarantined.symbol = candidates.symbol
            and quarantined.row_number = candidates.row_number

)

select * from final
