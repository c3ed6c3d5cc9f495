with

holdings as (

    select * from {{ ref('fct_holdings_daily') }}

),

allocator as (

    select * from {{ ref('fct_allocator_daily') }}

),

variants as (

    select * from {{ ref('dim_variants') }}

),

left_behind as (

    select distinct symbol from {{ ref('fct_data_check_failures') }}
    where check_id = 'ends_before_the_others'

),

-- Of each position the last session and the one before are needed, of millions of them.
last_sessions as (

    select
        variant_id,
        symbol,
        unnest(max(session_date, 2)) as session_date
    from holdings
    group by variant_id, symbol

),

with_previous as (

    select
        holdings.variant_id,
        holdings.symbol,
        holdings.session_date,
        holdings.weight,
        holdings.holding,
        lag(holdings.holding) over by_position as previous_holding,
        row_number() over (
            partition by holdings.variant_id, holdings.symbol order by holdings.session_date desc
        ) as sessions_ago
    from holdings
    inner join last_sessions
        on
            holdings.variant_id = last_sessions.variant_id
            and holdings.symbol = last_sessions.symbol
            and holdings.session_date = last_sessions.session_date
    inner join variants
        on holdings.variant_id = variants.variant_id
    -- Under warm_up `year` all starts afresh each year: what stood there before counts as 0.
    window by_position as (
        partition by
            holdings.variant_id,
            holdings.symbol,
            case when variants.warm_up = 'year' then year(holdings.session_date) end
        order by holdings.session_date
    )

),

positions as (

    select
        with_previous.variant_id,
        with_previous.symbol,
        with_previous.session_date,
        allocator.state,
        with_previous.weight,
        with_previous.holding,
        with_previous.holding - coalesce(with_previous.previous_holding, 0) as change,
        left_behind.symbol is not null as is_stale
    from with_previous
    left join allocator
        on
            with_previous.variant_id = allocator.variant_id
            and with_previous.symbol = allocator.symbol
            and with_previous.session_date = allocator.session_date
    left join left_behind
        on with_previous.symbol = left_behind.symbol
    where with_previous.sessions_ago = 1

),

final as (

    select
        {{ cast_columns() }}
    from positions

)

select * from final
