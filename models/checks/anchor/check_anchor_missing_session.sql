with

missing as (

    select * from {{ ref('check_missing_session') }}

),

final as (

    select
        symbol,
        session_date,
        observed,
        'the anchor has no row of this session' as detail
    from missing
    where symbol = {{ anchor_symbol() }}

)

select * from final
