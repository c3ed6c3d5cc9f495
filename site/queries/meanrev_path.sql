-- Does the price come back after a mean-reversion entry of `baseline`? Mean return since the close of the
-- entry, beside that since any close of its folds; the interval is of the mean over the entries.
with

bars as (

    select
        symbol,
        session_date,
        adj_close,
        row_number() over (partition by symbol order by session_date) as place
    from marts.fct_bars_daily

),

starts as (

    select
        bars.symbol,
        bars.place,
        bars.adj_close,
        trades.entry_date is not null as is_entry
    from marts.fct_strategy_daily as strategy
    inner join bars
        on
            strategy.symbol = bars.symbol
            and strategy.session_date = bars.session_date
    left join marts.fct_trades as trades
        on
            strategy.variant_id = trades.variant_id
            and strategy.strategy = trades.strategy
            and strategy.symbol = trades.symbol
            and strategy.session_date = trades.entry_date
    where
        strategy.variant_id = 'baseline'
        and strategy.strategy = 'meanrev'

),

later as (

    select
        starts.is_entry,
        bars.place - starts.place as sessions_after,
        bars.adj_close / starts.adj_close - 1 as since
    from starts
    inner join bars
        on
            starts.symbol = bars.symbol
            and bars.place between starts.place and starts.place + 15

)

select
    sessions_after,
    round(avg(since) filter (where is_entry), 8) as since_entry,
    round(
        avg(since) filter (where is_entry)
        - 1.96 * stddev(since) filter (where is_entry) / sqrt(count(*) filter (where is_entry)), 8
    ) as return_lower,
    round(
        avg(since) filter (where is_entry)
        + 1.96 * stddev(since) filter (where is_entry) / sqrt(count(*) filter (where is_entry)), 8
    ) as return_upper,
    round(avg(since), 8) as since_any,
    count(*) filter (where is_entry) as entries
from later
group by sessions_after
order by sessions_after
