with

shipped as (

    select * from {{ ref('claims') }}

),

own as (

    select * from {{ ref('stg_own__claims') }}

),

final as (

    select
        claim_id,
        variant_id,
        benchmark_id,
        minimum_gain,
        stated_on,
        description,
        false as is_own
    from shipped
    union all
    select
        claim_id,
        variant_id,
        benchmark_id,
        minimum_gain,
        stated_on,
        description,
        true as is_own
    from own

)

select * from final
