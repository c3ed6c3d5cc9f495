with

features_daily as (

    select * from {{ ref('int_features__daily') }}

),

final as (

    select
        cast(symbol as varchar) as symbol,
        cast(session_date as date) as session_date,
        cast(ret_1d as double) as ret_1d,
        cast(ret_5d as double) as ret_5d,
        cast(ret_10d as double) as ret_10d,
        cast(ret_20d as double) as ret_20d,
        cast(rvol_10 as double) as rvol_10,
        cast(mom_20 as double) as mom_20,
        cast(mom_60 as double) as mom_60,
        cast(vol_20 as double) as vol_20,
        cast(drawdown_60 as double) as drawdown_60
    from features_daily

)

select * from final
