with

allocator_daily as (

    select * from {{ ref('int_allocator__daily') }}

),

final as (

    select
        {{ cast_columns() }}
    from allocator_daily
    where is_reported

)

select * from final
