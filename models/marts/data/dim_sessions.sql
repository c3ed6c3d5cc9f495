with

sessions as (

    select * from {{ ref('int_sessions__panel') }}

),

final as (

    select
        {{ cast_columns() }}
    from sessions

)

select * from final
