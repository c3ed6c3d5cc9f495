with

failures as (

    select * from {{ ref('int_drawdowns__failure_modes') }}

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(episode_id as integer) as episode_id,
        cast(failure_mode as varchar) as failure_mode,
        cast(evidence as double) as evidence,
        cast(threshold as double) as threshold
    from failures

)

select * from final
