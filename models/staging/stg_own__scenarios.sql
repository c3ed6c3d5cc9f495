with

stated as (

    select * from {{ source('own', 'scenarios') }}

),

final as (

    select
        scenario_id,
        kind,
        description,
        parameters,
        place
    from stated

)

select * from final
