with

parameters as (

    select * from {{ ref('int_components__parameters') }}

),

final as (

    select
        cast(kind as varchar) as kind,
        cast(name as varchar) as name,
        cast(parameter as varchar) as parameter,
        cast(default_value as varchar) as default_value,
        cast(lowest as double) as lowest,
        cast(highest as double) as highest,
        cast(move as varchar) as move,
        cast(unit as varchar) as unit,
        cast(meaning as varchar) as meaning
    from parameters

)

select * from final
