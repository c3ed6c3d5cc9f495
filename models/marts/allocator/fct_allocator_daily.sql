with

streams as (

    select * from {{ in_this_file(ref('int_variants__streams')) }}
    where strategy is null

),

allocator_daily as (

    select * from {{ in_this_file(ref('int_allocator__daily')) }}
    where is_reported

),

of_variants as (

    select
        streams.variant_id,
        allocator_daily.symbol,
        allocator_daily.session_date,
        allocator_daily.state,
        allocator_daily.exposure,
        allocator_daily.gross_return + allocator_daily.cost_return as net_return,
        allocator_daily.leverage,
        allocator_daily.target_return
    from allocator_daily
    inner join streams
        on allocator_daily.stream_id = streams.stream_id

),

final as (

    select
        {{ cast_columns() }}
    from of_variants

)

select * from final
