with

registered as (

    select * from {{ ref('int_components__registered') }}

),

final as (

    select
        cast(kind as varchar) as kind,
        cast(name as varchar) as name,
        cast(description as varchar) as description,
        cast(is_own as boolean) as is_own,
        cast(source_sha256 as varchar) as source_sha256
    from registered

)

select * from final
