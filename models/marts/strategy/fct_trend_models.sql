with

trend_models as (

    select * from {{ ref('int_strategy__trend_models') }}

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(symbol as varchar) as symbol,
        cast(year as integer) as year,
        cast(intercept as double) as intercept,
        cast(coef_ret_1d as double) as coef_ret_1d,
        cast(coef_ret_5d as double) as coef_ret_5d,
        cast(coef_ret_10d as double) as coef_ret_10d,
        cast(coef_ret_20d as double) as coef_ret_20d,
        cast(coef_rvol_10 as double) as coef_rvol_10,
        cast(train_rows as bigint) as train_rows,
        cast(r_squared as double) as r_squared
    from trend_models

)

select * from final
