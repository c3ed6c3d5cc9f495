with

runs as (

    select * from {{ ref('int_stability__lines') }}

),

shares as (

    select
        variant_id,
        unnest(state_shares) as part
    from runs

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(part.year as integer) as year,
        cast(part.state as varchar) as state,
        cast(part.share as double) as share
    from shares

)

select * from final
