with

trades as (

    select * from {{ ref('int_strategy__trades') }}

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(symbol as varchar) as symbol,
        cast(strategy as varchar) as strategy,
        cast(entry_date as date) as entry_date,
        cast(exit_date as date) as exit_date,
        cast(sessions as bigint) as sessions,
        cast(net_return as double) as net_return
    from trades

)

select * from final
