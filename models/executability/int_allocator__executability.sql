with

variants as (

    select
        variants.variant_id,
        variants.cost_bps,
        variants.warm_up,
        variants.cost_basis != 'strategy' as earns_on_exposure,
        streams.stream_id
    from {{ ref('dim_variants') }} as variants
    inner join {{ ref('int_variants__streams') }} as streams
        on variants.variant_id = streams.variant_id
    where streams.strategy is null

),

allocator as (

    select * from {{ ref('int_allocator__daily') }}
    where is_reported

),

bars as (

    select * from {{ ref('fct_bars_daily') }}

),

rates as (

    select * from {{ ref('int_costs__rates') }}

),

-- A stream is held against the terms of all its variants, and once where these are equal, as they should be.
terms as (

    select
        stream_id,
        earns_on_exposure,
        cost_bps,
        warm_up,
        min(variant_id) as variant_id
    from variants
    group by stream_id, earns_on_exposure, cost_bps, warm_up

),

streams as (

    select distinct
        stream_id,
        earns_on_exposure
    from terms

),

-- By earns_on_exposure, too, although a stream has one: whoever asks for one reads no more than its streams.
with_previous as (

    select
        streams.stream_id,
        streams.earns_on_exposure,
        allocator.symbol,
        allocator.session_date,
        allocator.exposure,
        allocator.gross_return + allocator.cost_return as net_return,
        lag(allocator.exposure) over by_position as previous_exposure,
        lag(allocator.session_date) over by_position as previous_session
    from allocator
    inner join streams
        on allocator.stream_id = streams.stream_id
    window by_position as (
        partition by streams.stream_id, streams.earns_on_exposure, allocator.symbol
        order by allocator.session_date
    )

),

-- Under warm_up `year` all starts afresh each year: what was held before counts as 0.
with_held as (

    select
        with_previous.*,
        terms.cost_bps,
        terms.warm_up,
        coalesce(bars.ret_1d, 0) as ret_1d,
        coalesce(rates.trade_rate, terms.cost_bps / 1e4) as trade_rate,
        coalesce(rates.short_rate, 0) as short_rate,
        case
            when
                terms.warm_up = 'year'
                and year(with_previous.previous_session) != year(with_previous.session_date)
                then 0
            else coalesce(with_previous.previous_exposure, 0)
        end as held
    from with_previous
    inner join terms
        on
            with_previous.stream_id = terms.stream_id
            and with_previous.earns_on_exposure = terms.earns_on_exposure
    left join bars
        on
            with_previous.symbol = bars.symbol
            and with_previous.session_date = bars.session_date
    left join rates
        on
            terms.variant_id = rates.variant_id
            and with_previous.symbol = rates.symbol
            and with_previous.session_date = rates.session_date

),

earned as (

    select
        *,
        held * ret_1d
        - trade_rate * abs(exposure - held)
        - short_rate * greatest(-held, 0) as executable_return
    from with_held

),

final as (

    select
        variants.variant_id,
        earned.symbol,
        earned.session_date,
        earned.net_return,
        earned.executable_return,
        earned.net_return - earned.executable_return as residual,
        earned.earns_on_exposure
    from earned
    inner join variants
        on
            earned.stream_id = variants.stream_id
            and earned.earns_on_exposure = variants.earns_on_exposure
            and earned.cost_bps = variants.cost_bps
            and earned.warm_up = variants.warm_up

)

select * from final
