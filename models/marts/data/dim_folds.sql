with

folds as (

    select * from {{ ref('int_folds__yearly') }}

),

final as (

    select
        cast(symbol as varchar) as symbol,
        cast(year as integer) as year,
        cast(train_first as date) as train_first,
        cast(train_last as date) as train_last,
        cast(train_sessions as bigint) as train_sessions,
        cast(test_sessions as bigint) as test_sessions
    from folds

)

select * from final
