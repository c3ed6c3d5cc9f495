-- Where dividends are told and close equals adj_close on every day, the prices themselves are adjusted: a
-- library did it when they were saved, or adj_close is a copy of the close.
with

bars as (

    select * from {{ ref('int_checks__series') }}

),

final as (

    select
        symbol,
        max(session_date) as session_date,
        cast(count(case when dividends > 0 then 1 end) as double) as observed,
        'close equals adj_close on every day, although '
        || count(case when dividends > 0 then 1 end)
        || ' dividends are told: saved with auto_adjust=True, or adj_close is a copy of the close; '
        || 'save with auto_adjust=False' as detail
    from bars
    group by symbol
    having
        count(case when dividends / close > 1e-4 then 1 end) >= 2
        and max(abs(adjustment_factor - 1)) < 1e-6

)

select * from final
