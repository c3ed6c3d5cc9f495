-- Yahoo sends such rows on the days of dividends and splits.
with

bars as (

    select * from {{ ref('int_checks__rows') }}

),

final as (

    select
        symbol,
        session_date,
        batch_id,
        row_number,
        cast(null as double) as observed,
        'no price at all'
        || case when dividends > 0 then '; dividend ' || dividends else '' end
        || case when splits > 0 then '; split ' || splits else '' end as detail
    from bars
    where coalesce(open, high, low, close, adj_close) is null

)

select * from final
