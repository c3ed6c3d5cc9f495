with

streams as (

    select * from {{ in_this_file(ref('int_variants__streams')) }}
    where strategy is not null

),

trades as (

    select * from {{ in_this_file(ref('int_strategy__trades')) }}

),

of_variants as (

    select
        streams.variant_id,
        trades.symbol,
        streams.strategy,
        trades.entry_date,
        trades.exit_date,
        trades.sessions,
        trades.net_return
    from trades
    inner join streams
        on trades.stream_id = streams.stream_id

),

final as (

    select
        {{ cast_columns() }}
    from of_variants

)

select * from final
