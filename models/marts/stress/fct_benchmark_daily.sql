with

benchmarks as (

    select * from {{ ref('int_benchmarks__daily') }}

),

final as (

    select
        {{ cast_columns() }}
    from benchmarks

)

select * from final
