-- A split or a dividend rescales the past, so rows that an older batch alone still has are brought to
-- the basis of the newest one: by new / old at the nearest earlier session that both have (else the
-- nearest later one). What is newer there may itself be kept from an older batch; then the factors
-- are multiplied along the way. Where nothing is common the factor stays NULL.
with recursive

active as (

    select * from {{ ref('int_bars__active') }}

),

sources as (

    select * from {{ ref('int_sources__active') }}

),

all_rows as (

    select * from {{ ref('int_bars__accepted') }}

),

kept_batches as (

    select distinct
        active.symbol,
        active.batch_id
    from active
    left join sources
        on
            active.symbol = sources.symbol
            and active.batch_id = sources.newest_batch_id
    where sources.symbol is null

),

-- Every row of a batch that still has rows in force: it is kept, or a newer batch has that session.
rows_of_kept_batches as (

    select
        all_rows.symbol,
        all_rows.batch_id,
        all_rows.session_date,
        active.batch_id = all_rows.batch_id as is_kept,
        case
            when
                active.batch_id != all_rows.batch_id
                and active.adj_close > 0
                and active.close > 0
                and all_rows.adj_close > 0
                and all_rows.close > 0
                then all_rows.session_date
        end as common_session,
        active.adj_close / nullif(all_rows.adj_close, 0) as adj_close_ratio,
        active.close / nullif(all_rows.close, 0) as close_ratio
    from kept_batches
    inner join all_rows
        on
            kept_batches.symbol = all_rows.symbol
            and kept_batches.batch_id = all_rows.batch_id
    inner join active
        on
            all_rows.symbol = active.symbol
            and all_rows.session_date = active.session_date

),

linked as (

    select
        *,
        coalesce(
            max(common_session) over (
                partition by symbol, batch_id order by session_date
                rows between unbounded preceding and 1 preceding
            ),
            min(common_session) over (
                partition by symbol, batch_id order by session_date
                rows between 1 following and unbounded following
            )
        ) as link_session
    from rows_of_kept_batches

),

kept as (

    select distinct
        symbol,
        batch_id,
        session_date,
        link_session
    from linked
    where is_kept

),

-- Rows of one batch with one link share their factor: one row per such group. Materialized, or every
-- step of the recursion would compute it again.
links as materialized (

    select distinct
        kept.symbol,
        kept.batch_id,
        kept.link_session,
        newer.batch_id as newer_batch_id,
        newer_kept.link_session as newer_link_session,
        linked.adj_close_ratio,
        linked.close_ratio
    from kept
    inner join linked
        on
            kept.symbol = linked.symbol
            and kept.batch_id = linked.batch_id
            and kept.link_session = linked.common_session
    inner join active as newer
        on
            kept.symbol = newer.symbol
            and kept.link_session = newer.session_date
    left join kept as newer_kept
        on
            newer.symbol = newer_kept.symbol
            and newer.batch_id = newer_kept.batch_id
            and newer.session_date = newer_kept.session_date

),

factors as (

    select
        symbol,
        newest_batch_id as batch_id,
        cast(null as date) as link_session,
        cast(1 as double) as adj_close_factor,
        cast(1 as double) as close_factor
    from sources

    union all

    select
        links.symbol,
        links.batch_id,
        links.link_session,
        factors.adj_close_factor * links.adj_close_ratio as adj_close_factor,
        factors.close_factor * links.close_ratio as close_factor
    from factors
    inner join links
        on
            factors.symbol = links.symbol
            and factors.batch_id = links.newer_batch_id
            and factors.link_session is not distinct from links.newer_link_session

),

final as (

    select
        active.symbol,
        active.session_date,
        active.batch_id,
        active.row_number,
        active.open * factors.close_factor as open,
        active.high * factors.close_factor as high,
        active.low * factors.close_factor as low,
        active.close * factors.close_factor as close,
        active.adj_close * factors.adj_close_factor as adj_close,
        -- Prices of another batch differ by rounding, too; only a split moves them by more than a percent.
        case
            when kept.session_date is not null and abs(ln(factors.close_factor)) > 0.01
                then cast(round(active.volume / factors.close_factor) as bigint)
            else active.volume
        end as volume,
        active.dividends * factors.close_factor as dividends,
        active.splits,
        active.capital_gains * factors.close_factor as capital_gains,
        factors.adj_close_factor,
        factors.close_factor,
        kept.session_date is not null as is_kept
    from active
    left join kept
        on
            active.symbol = kept.symbol
            and active.batch_id = kept.batch_id
            and active.session_date = kept.session_date
    left join factors
        on
            active.symbol = factors.symbol
            and active.batch_id = factors.batch_id
            and kept.link_session is not distinct from factors.link_session

)

select * from final
