with

benchmarks as (

    select * from {{ ref('int_benchmarks__daily') }}

),

final as (

    select
        cast(benchmark_id as varchar) as benchmark_id,
        cast(session_date as date) as session_date,
        cast(net_return as double) as net_return
    from benchmarks

)

select * from final
