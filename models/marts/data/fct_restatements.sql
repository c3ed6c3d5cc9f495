with

bars as (

    select * from {{ ref('int_bars__accepted') }}

),

returns as (

    select
        symbol,
        session_date,
        batch_id,
        ingested_at,
        adj_close,
        lag(session_date) over by_batch as previous_session,
        adj_close / lag(adj_close) over by_batch - 1 as ret_1d
    from bars
    window by_batch as (partition by symbol, batch_id order by session_date)

),

-- Returns over the same two sessions: a session that is missing in one batch is no restatement.
compared as (

    select
        symbol,
        session_date,
        batch_id,
        lag(batch_id) over by_vintage as previous_batch_id,
        lag(adj_close) over by_vintage as previous_adj_close,
        adj_close as new_adj_close,
        lag(ret_1d) over by_vintage as previous_return,
        ret_1d as new_return
    from returns
    where previous_session is not null
    window by_vintage as (partition by symbol, session_date, previous_session order by ingested_at)

),

restated as (

    select
        symbol,
        session_date,
        batch_id,
        previous_batch_id,
        previous_adj_close,
        new_adj_close,
        previous_return,
        new_return,
        new_return - previous_return as return_change
    from compared
    where abs(new_return - previous_return) > 1e-5

),

final as (

    select
        {{ cast_columns() }}
    from restated

)

select * from final
