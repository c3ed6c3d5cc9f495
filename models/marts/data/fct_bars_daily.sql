with

bars_daily as (

    select * from {{ ref('int_returns__daily') }}

),

final as (

    select
        cast(symbol as varchar) as symbol,
        cast(session_date as date) as session_date,
        cast(open as double) as open,
        cast(high as double) as high,
        cast(low as double) as low,
        cast(close as double) as close,
        cast(adj_close as double) as adj_close,
        cast(volume as bigint) as volume,
        cast(ret_1d as double) as ret_1d,
        cast(is_filled as boolean) as is_filled,
        cast(share_volume as double) as share_volume
    from bars_daily

)

select * from final
