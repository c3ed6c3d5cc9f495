with

folds as (

    select * from {{ ref('rpt_walkforward_strategy') }}
    where variant_id = 'baseline'

),

in_sample as (

    select * from {{ ref('int_overfitting__in_sample') }}

),

compared as (

    select
        folds.symbol,
        folds.strategy,
        folds.year,
        in_sample.in_sample_sharpe,
        folds.sharpe as out_of_sample_sharpe
    from folds
    left join in_sample
        on
            folds.symbol = in_sample.symbol
            and folds.strategy = in_sample.strategy
            and folds.year = in_sample.year

),

final as (

    select
        {{ cast_columns() }}
    from compared

)

select * from final
