with

features_daily as (

    select * from {{ ref('int_features__daily') }}

),

final as (

    select
        {{ cast_columns() }}
    from features_daily

)

select * from final
