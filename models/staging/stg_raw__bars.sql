with

bars as (

    {{ from_raw('bars', session_column='session_date', batch_column='batch_id') }}

),

final as (

    select
        batch_id,
        symbol,
        row_number,
        source,
        session_date,
        open,
        high,
        low,
        close,
        adj_close,
        volume,
        dividends,
        splits,
        capital_gains
    from bars

)

select * from final
