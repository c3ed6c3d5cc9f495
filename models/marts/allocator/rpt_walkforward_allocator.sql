with

walkforward_allocator as (

    select * from {{ ref('int_allocator__by_year') }}

),

final as (

    select
        {{ cast_columns() }}
    from walkforward_allocator

)

select * from final
