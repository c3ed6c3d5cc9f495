with

statistics as (

    select * from {{ ref('int_overfitting__statistics') }}

),

final as (

    select
        cast(statistic as varchar) as statistic,
        cast(subject as varchar) as subject,
        cast(value as double) as value,
        cast(lower as double) as lower,
        cast(upper as double) as upper,
        cast(reference as double) as reference
    from statistics

)

select * from final
