with

episodes as (

    select * from {{ ref('int_drawdowns__episodes') }}

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(episode_id as integer) as episode_id,
        cast(start_date as date) as start_date,
        cast(trough_date as date) as trough_date,
        cast(end_date as date) as end_date,
        cast(depth as double) as depth,
        cast(sessions_to_trough as bigint) as sessions_to_trough,
        cast(sessions_to_recovery as bigint) as sessions_to_recovery,
        cast(rank as integer) as rank,
        cast(avg_leverage as double) as avg_leverage
    from episodes

)

select * from final
