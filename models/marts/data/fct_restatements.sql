with

bars as (

    select * from {{ ref('int_bars__accepted') }}

),

-- Only what came more than once can be restated; of millions of bars most did not.
landed_again as (

    select symbol
    from bars
    group by symbol
    having min(batch_id) != max(batch_id)

),

returns as (

    select
        bars.symbol,
        bars.session_date,
        bars.batch_id,
        bars.ingested_at,
        bars.adj_close,
        lag(bars.session_date) over by_batch as previous_session,
        bars.adj_close / lag(bars.adj_close) over by_batch - 1 as ret_1d
    from bars
    inner join landed_again
        on bars.symbol = landed_again.symbol
    window by_batch as (partition by bars.symbol, bars.batch_id order by bars.session_date)

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
