-- What has the trend strategy of `baseline` learnt, year by year? Each slope times the standard deviation
-- that its input had in training: what one standard deviation of it adds to the forecast.
with

assets as (

    select symbol
    from marts.dim_assets
    order by sessions desc, symbol asc
    limit 8

),

models as (

    select
        models.symbol,
        models.year,
        models.coef_ret_1d,
        models.coef_ret_5d,
        models.coef_ret_10d,
        models.coef_ret_20d,
        models.coef_rvol_10
    from marts.fct_trend_models as models
    inner join assets
        on models.symbol = assets.symbol
    where models.variant_id = 'baseline'

),

slopes as (

    unpivot models
    on coef_ret_1d, coef_ret_5d, coef_ret_10d, coef_ret_20d, coef_rvol_10
    into name feature value slope

),

spreads as (

    select
        models.symbol,
        models.year,
        stddev(features.ret_1d) as coef_ret_1d,
        stddev(features.ret_5d) as coef_ret_5d,
        stddev(features.ret_10d) as coef_ret_10d,
        stddev(features.ret_20d) as coef_ret_20d,
        stddev(features.rvol_10) as coef_rvol_10
    from models
    inner join marts.fct_features_daily as features
        on
            models.symbol = features.symbol
            and features.session_date < make_date(models.year, 1, 1)
    group by models.symbol, models.year

),

widths as (

    unpivot spreads
    on coef_ret_1d, coef_ret_5d, coef_ret_10d, coef_ret_20d, coef_rvol_10
    into name feature value spread

)

select
    replace(slopes.feature, 'coef_', '') as feature,
    slopes.symbol,
    slopes.year,
    slopes.slope,
    round(slopes.slope * widths.spread, 6) as effect
from slopes
inner join widths
    on
        slopes.symbol = widths.symbol
        and slopes.year = widths.year
        and slopes.feature = widths.feature
order by feature, slopes.symbol, slopes.year
