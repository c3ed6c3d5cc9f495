with

bars as (

    select * from {{ ref('int_bars__aligned') }}

),

final as (

    select
        symbol,
        session_date,
        open,
        high,
        low,
        close,
        adj_close,
        volume,
        {{ rolling_change('adj_close', 1) }} as ret_1d,
        is_filled
    from bars
    window by_symbol as (partition by symbol order by session_date)

)

select * from final
