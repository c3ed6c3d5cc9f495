with

shipped as (

    select * from {{ ref('scenarios') }}

),

own as (

    select * from {{ ref('stg_own__scenarios') }}

),

final as (

    select
        scenario_id,
        kind,
        description,
        parameters
    from shipped
    union all
    select
        scenario_id,
        kind,
        description,
        parameters
    from own

)

select * from final
