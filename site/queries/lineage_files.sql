-- Which landing files hold the bars in use? The fifty that most of them come from; a batch is a folder.
with

files as (

    select
        batch_id,
        symbol,
        count(*) as rows,
        min(session_date) as first_session,
        max(session_date) as last_session
    from raw.bars
    group by batch_id, symbol

),

used as (

    select
        batch_id,
        symbol,
        count(*) as rows_used
    from intermediate.int_bars__rebased
    group by batch_id, symbol

)

select
    files.batch_id || '/' || url_encode(files.symbol) || '.parquet' as landing_file,
    files.symbol,
    files.first_session,
    files.last_session,
    files.rows,
    used.rows_used
from files
inner join used
    on
        files.batch_id = used.batch_id
        and files.symbol = used.symbol
order by used.rows_used desc, landing_file asc
limit 50
