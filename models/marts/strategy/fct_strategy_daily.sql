with

streams as (

    select * from {{ in_this_file(ref('int_variants__streams')) }}
    where strategy is not null

),

strategy_daily as (

    select * from {{ in_this_file(ref('int_strategy__daily')) }}
    where is_reported

),

of_variants as (

    select
        streams.variant_id,
        strategy_daily.symbol,
        strategy_daily.session_date,
        streams.strategy,
        strategy_daily.position,
        strategy_daily.gross_return + strategy_daily.cost_return as net_return,
        strategy_daily.prediction
    from strategy_daily
    inner join streams
        on strategy_daily.stream_id = streams.stream_id

),

final as (

    select
        {{ cast_columns() }}
    from of_variants

)

select * from final
