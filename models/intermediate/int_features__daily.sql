with

returns as (

    select * from {{ ref('int_returns__daily') }}

),

final as (

    select
        symbol,
        session_date,
        ret_1d,
        {{ rolling_change('adj_close', 5) }} as ret_5d,
        {{ rolling_change('adj_close', 10) }} as ret_10d,
        {{ rolling_change('adj_close', 20) }} as ret_20d,
        volume / nullif({{ rolling_mean('cast(volume as double)', 10) }}, 0) as rvol_10,
        {{ rolling_change('adj_close', 20) }} as mom_20,
        {{ rolling_change('adj_close', 60) }} as mom_60,
        {{ rolling_std('ret_1d', 20) }} * sqrt(252) as vol_20,
        adj_close / {{ rolling_max('adj_close', 60) }} - 1 as drawdown_60
    from returns
    window by_symbol as (partition by symbol order by session_date)

)

select * from final
