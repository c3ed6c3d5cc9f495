-- Each candidate row with what came before it in its own batch. A check that rejects a row may use
-- nothing later than the row: otherwise a later bar would change what was known before it.
with

candidates as (

    select * from {{ ref('int_bars__candidates') }}

),

sessions as (

    select * from {{ ref('stg_raw__sessions') }}

),

final as (

    select
        candidates.*,
        sessions.session_date is not null as is_session,
        -- Yahoo puts an event without a price beside the bar of its day; only bars compete for a session.
        count(
            case
                when
                    coalesce(
                        candidates.open, candidates.high, candidates.low,
                        candidates.close, candidates.adj_close
                    ) is not null
                    then 1
            end
        ) over (
            partition by candidates.symbol, candidates.batch_id, candidates.session_date
        ) as rows_of_session,
        {% for column in ['open', 'high', 'low', 'close', 'adj_close', 'volume'] %}
        lag(candidates.{{ column }}) over by_batch as previous_{{ column }},
        {% endfor %}
        {% for column in ['open', 'high', 'low', 'close'] %}
        {{ median_before('candidates.' ~ column, 11) }} as median_{{ column }},
        {% endfor %}
        {{ median_before('candidates.adj_close', 11) }} as median_adj_close
    from candidates
    left join sessions
        on candidates.session_date = sessions.session_date
    window by_batch as (
        partition by candidates.symbol, candidates.batch_id
        order by candidates.session_date, candidates.row_number
    )

)

select * from final
