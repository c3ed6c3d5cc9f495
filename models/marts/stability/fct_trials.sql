with

recorded as (

    select * from {{ ref('int_trials__recorded') }}

),

final as (

    select
        {{ cast_columns() }}
    from recorded

)

select * from final
