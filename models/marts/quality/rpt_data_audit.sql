with

landed as (

    select * from {{ ref('int_checks__rows') }}
    where is_newest

),

quarantined as (

    select * from {{ ref('int_bars__quarantined') }}

),

failures as (

    select * from {{ ref('int_checks__failures') }}

),

with_gaps as (

    select
        landed.symbol,
        landed.adj_close,
        landed.volume,
        landed.session_date,
        case when landed.is_bar then landed.session_date end as bar_date,
        landed.session_date - lag(landed.session_date) over (
            partition by landed.symbol, landed.is_bar order by landed.session_date, landed.row_number
        ) as gap_days,
        quarantined.check_id is not null as is_quarantined
    from landed
    left join quarantined
        on
            landed.batch_id = quarantined.batch_id
            and landed.symbol = quarantined.symbol
            and landed.row_number = quarantined.row_number

),

rows_of_symbol as (

    select
        symbol,
        count(*) as rows,
        coalesce(min(bar_date), min(session_date)) as first_session,
        coalesce(max(bar_date), max(session_date)) as last_session,
        count(case when adj_close is null then 1 end) as missing_adj_close,
        count(case when volume is null then 1 end) as missing_volume,
        coalesce(max(case when bar_date is not null then gap_days end), 0) as largest_gap_days,
        count(case when is_quarantined then 1 end) as quarantined_rows
    from with_gaps
    group by symbol

),

failures_of_symbol as (

    select
        symbol,
        count(case when check_id = 'duplicate_session' then 1 end) as duplicate_sessions,
        count(case when check_id = 'missing_session' then 1 end) as missing_sessions,
        count(case when check_id = 'unexpected_session' then 1 end) as unexpected_sessions,
        count(case when check_id = 'extreme_return' then 1 end) as extreme_return_days
    from failures
    group by symbol

),

audited as (

    select
        rows_of_symbol.*,
        coalesce(failures_of_symbol.duplicate_sessions, 0) as duplicate_sessions,
        coalesce(failures_of_symbol.missing_sessions, 0) as missing_sessions,
        coalesce(failures_of_symbol.unexpected_sessions, 0) as unexpected_sessions,
        coalesce(failures_of_symbol.extreme_return_days, 0) as extreme_return_days
    from rows_of_symbol
    left join failures_of_symbol
        on rows_of_symbol.symbol = failures_of_symbol.symbol

),

final as (

    select
        {{ cast_columns() }}
    from audited

)

select * from final
