-- Each candidate row with what came before it in its own batch. A check that rejects a row may use
-- nothing later than the row: otherwise a later bar would change what was known before it.
with

candidates as (

    select * from {{ ref('int_bars__candidates') }}

),

sessions as (

    select * from {{ ref('stg_raw__sessions') }}

),

dated as (

    select
        candidates.*,
        sessions.session_date is not null as is_session,
        coalesce(sessions.close_at > candidates.ingested_at, false) as is_future,
        -- pandas and Yahoo write 0 as well as nothing for days before a listing and after a delisting.
        coalesce(
            candidates.open, candidates.high, candidates.low, candidates.close, candidates.adj_close
        ) is null
        or (
            coalesce(
                {%- for column in ['open', 'high', 'low', 'close', 'adj_close'] %}
                nullif(candidates.{{ column }}, 0){{ ',' if not loop.last }}
                {%- endfor %}
            ) is null
            and coalesce(candidates.volume, 0) = 0
        ) as is_empty
    from candidates
    left join sessions
        on candidates.session_date = sessions.session_date

),

final as (

    select
        *,
        is_session and not is_future and not is_empty as is_bar,
        -- Yahoo puts an event without a price beside the bar of its day; only bars compete for a session.
        -- Its rows are the peers in the order of the window below, so that both take one sort.
        count(case when not is_empty then 1 end) over (
            partition by symbol, batch_id order by session_date range between current row and current row
        ) as rows_of_session,
        {% for column in ['open', 'high', 'low', 'close', 'adj_close'] %}
        lag({{ column }}) over by_batch as previous_{{ column }},
        {% endfor %}
        lag(volume) over by_batch as previous_volume
    from dated
    window by_batch as (partition by symbol, batch_id order by session_date, row_number)

)

select * from final
