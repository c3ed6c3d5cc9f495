with

stated as (

    select * from {{ source('own', 'claims') }}

),

final as (

    select
        claim_id,
        variant_id,
        benchmark_id,
        minimum_gain,
        stated_on,
        description,
        place
    from stated

)

select * from final
