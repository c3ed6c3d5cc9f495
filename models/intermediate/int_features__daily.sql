with

returns as (

    select * from {{ ref('int_returns__daily') }}

),

with_means as (

    select
        *,
        {{ rolling_mean('share_volume', 10) }} as mean_volume_10,
        {{ rolling_mean('ret_1d', 20) }} as mean_ret_20
    from returns
    window by_symbol as (partition by symbol order by session_date)

),

final as (

    select
        symbol,
        session_date,
        ret_1d,
        {{ rolling_change('adj_close', 5) }} as ret_5d,
        {{ rolling_change('adj_close', 10) }} as ret_10d,
        {{ rolling_change('adj_close', 20) }} as ret_20d,
        share_volume / nullif(mean_volume_10, 0) as rvol_10,
        {{ rolling_change('adj_close', 20) }} as mom_20,
        {{ rolling_change('adj_close', 60) }} as mom_60,
        {{ rolling_std('ret_1d', 20, 'mean_ret_20') }} * sqrt(252) as vol_20,
        adj_close / {{ rolling_max('adj_close', 60) }} - 1 as drawdown_60
    from with_means
    window by_symbol as (partition by symbol order by session_date)

)

select * from final
