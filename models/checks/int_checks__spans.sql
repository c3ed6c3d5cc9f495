-- Rows without a price before a listing and after a delisting are no part of a symbol's life, nor are rows of
-- days off and of sessions that had not closed, nor is the older life of a recycled ticker.
with

bars as (

    select * from {{ ref('int_checks__rows') }}
    where is_bar

),

older_lives as (

    select * from {{ ref('int_bars__lives') }}
    where is_set_aside

),

final as (

    select
        bars.symbol,
        min(bars.session_date) as first_session,
        max(bars.session_date) as last_session
    from bars
    left join older_lives
        on bars.symbol = older_lives.symbol
    where
        older_lives.symbol is null
        or bars.session_date >= older_lives.life_start
    group by bars.symbol

)

select * from final
