with

bars as (

    select * from {{ ref('int_bars__aligned') }}

),

sources as (

    select * from {{ ref('int_sources__active') }}

),

spans as (

    select
        symbol,
        min(session_date) as first_session,
        max(session_date) as last_session,
        count(*) as sessions
    from bars
    where not is_filled
    group by symbol

),

final as (

    select
        spans.symbol,
        sources.source,
        sources.price_basis,
        spans.first_session,
        spans.last_session,
        spans.sessions
    from spans
    inner join sources
        on spans.symbol = sources.symbol

)

select * from final
