with

bars as (

    select * from {{ ref('int_checks__series') }}

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'volume_outlier'

),

final as (

    select
        bars.symbol,
        bars.session_date,
        bars.volume / bars.median_volume as observed,
        'volume ' || bars.volume || ', lately ' || bars.median_volume as detail
    from bars
    inner join thresholds
        on bars.symbol = thresholds.symbol
    where
        bars.volume > 0
        and (
            bars.volume / bars.median_volume >= thresholds.threshold
            or bars.volume / bars.median_volume <= 1 / thresholds.threshold
        )

)

select * from final
