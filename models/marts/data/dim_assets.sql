with

assets as (

    select * from {{ ref('int_assets__described') }}

),

final as (

    select
        {{ cast_columns() }}
    from assets

)

select * from final
