with

streams as (

    select * from {{ ref('int_variants__streams') }}
    where strategy is null

),

by_year as (

    select * from {{ ref('int_allocator__by_year') }}

),

of_variants as (

    select
        streams.variant_id,
        by_year.symbol,
        by_year.year,
        by_year.sharpe,
        by_year.total_return,
        by_year.max_drawdown,
        by_year.pct_trend,
        by_year.pct_meanrev,
        by_year.pct_cash,
        by_year.max_drawdown_from_one
    from by_year
    inner join streams
        on by_year.stream_id = streams.stream_id

),

final as (

    select
        {{ cast_columns() }}
    from of_variants

)

select * from final
