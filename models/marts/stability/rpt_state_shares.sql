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

with_names as (

    select
        shares.variant_id,
        part.year,
        part.state,
        part.share
    from shares

),

final as (

    select
        {{ cast_columns() }}
    from with_names

)

select * from final
