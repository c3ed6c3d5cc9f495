with

folds as (

    select * from {{ ref('rpt_walkforward_strategy') }}
    where variant_id = 'baseline'

),

in_sample as (

    select * from {{ ref('int_overfitting__in_sample') }}

),

final as (

    select
        cast(folds.symbol as varchar) as symbol,
        cast(folds.strategy as varchar) as strategy,
        cast(folds.year as integer) as year,
        cast(in_sample.in_sample_sharpe as double) as in_sample_sharpe,
        cast(folds.sharpe as double) as out_of_sample_sharpe
    from folds
    left join in_sample
        on
            folds.symbol = in_sample.symbol
            and folds.strategy = in_sample.strategy
            and folds.year = in_sample.year

)

select * from final
