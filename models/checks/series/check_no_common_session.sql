with

rebased as (

    select * from {{ ref('int_bars__rebased') }}

),

sources as (

    select * from {{ ref('int_sources__active') }}

),

final as (

    select
        rebased.symbol,
        min(rebased.session_date) as session_date,
        cast(count(*) as double) as observed,
        'batch ' || string_agg(distinct rebased.batch_id, ', ' order by rebased.batch_id)
        || ', which alone has it, and the newer ' || min(sources.newest_batch_id)
        || ' have no session in common with a price in both; ingest the whole history of the symbol again'
            as detail
    from rebased
    inner join sources
        on rebased.symbol = sources.symbol
    where rebased.adj_close_factor is null
    group by rebased.symbol

)

select * from final
