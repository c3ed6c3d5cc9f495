with

scenarios as (

    select * from {{ ref('int_scenarios__stated') }}

),

final as (

    select
        cast(scenario_id as varchar) as scenario_id,
        cast(kind as varchar) as kind,
        cast(description as varchar) as description,
        cast(parameters as varchar) as parameters
    from scenarios

)

select * from final
