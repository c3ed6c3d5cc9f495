with

bars as (

    select * from {{ ref('int_bars__accepted') }}

),

older_lives as (

    select * from {{ ref('int_bars__lives') }}
    where is_set_aside

),

-- The newest batch with a sound row of the session wins.
final as (

    select
        bars.symbol,
        bars.session_date,
        bars.batch_id,
        bars.row_number,
        bars.ingested_at,
        bars.open,
        bars.high,
        bars.low,
        bars.close,
        bars.adj_close,
        bars.volume,
        bars.dividends,
        bars.splits,
        bars.capital_gains
    from bars
    left join older_lives
        on
            bars.symbol = older_lives.symbol
            and bars.session_date < older_lives.life_start
    where older_lives.symbol is null
    qualify row_number() over (
        partition by bars.symbol, bars.session_date order by bars.ingested_at desc, bars.row_number asc
    ) = 1

)

select * from final
