with

found as (

    select * from {{ ref('int_proofs__found') }}

),

final as (

    select
        {{ cast_columns() }}
    from found

)

select * from final
