with

folds as (

    select * from {{ ref('int_folds__yearly') }}

),

final as (

    select
        {{ cast_columns() }}
    from folds

)

select * from final
