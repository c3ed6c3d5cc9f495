with

removals as (

    {{ from_raw('removals', time_column='recorded_at') }}

),

final as (

    select
        removal_id,
        symbol,
        is_removed,
        recorded_at,
        delisted_by
    from removals

)

select * from final
