-- A newer batch reaches over the session and has no usable row of it, so that an older batch's is kept.
with

rebased as (

    select * from {{ ref('int_bars__rebased') }}
    where is_kept

),

batches as (

    select * from {{ ref('int_checks__batches') }}

),

final as (

    select
        rebased.symbol,
        rebased.session_date,
        rebased.adj_close_factor as observed,
        'kept from batch ' || rebased.batch_id || ', adj_close rescaled by '
        || coalesce(cast(round(rebased.adj_close_factor, 8) as varchar), 'an unknown factor')
        || '; batch ' || newer.batch_id || ' has no usable row of it' as detail
    from rebased
    inner join batches as kept
        on
            rebased.symbol = kept.symbol
            and rebased.batch_id = kept.batch_id
    inner join batches as newer
        on
            rebased.symbol = newer.symbol
            and kept.ingested_at < newer.ingested_at
            and rebased.session_date between newer.first_session and newer.last_session
    qualify row_number() over (
        partition by rebased.symbol, rebased.session_date order by newer.ingested_at desc
    ) = 1

)

select * from final
