with

variants as (

    select
        variants.variant_id,
        variants.cost_bps,
        variants.warm_up,
        variants.cost_basis,
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
        cost_bps,
        warm_up,
        cost_basis,
        min(variant_id) as variant_id
    from variants
    group by stream_id, cost_bps, warm_up, cost_basis

),

with_held as (

    select
        terms.stream_id,
        terms.cost_bps,
        terms.warm_up,
        terms.cost_basis,
        allocator.symbol,
        allocator.session_date,
        allocator.exposure,
        allocator.gross_return + allocator.cost_return as net_return,
        coalesce(bars.ret_1d, 0) as ret_1d,
        coalesce(rates.trade_rate, terms.cost_bps / 1e4) as trade_rate,
        coalesce(rates.short_rate, 0) as short_rate,
        coalesce(lag(allocator.exposure) over by_position, 0) as held
    from allocator
    inner join terms
        on allocator.stream_id = terms.stream_id
    left join bars
        on
            allocator.symbol = bars.symbol
            and allocator.session_date = bars.session_date
    left join rates
        on
            terms.variant_id = rates.variant_id
            and allocator.symbol = rates.symbol
            and allocator.session_date = rates.session_date
    -- By cost_basis, too, although a stream has one: whoever asks for one reads no more than its streams.
    window by_position as (
        partition by
            terms.stream_id,
            terms.cost_bps,
            terms.warm_up,
            terms.cost_basis,
            allocator.symbol,
            case when terms.warm_up = 'year' then year(allocator.session_date) end
        order by allocator.session_date
    )

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
        earned.cost_basis
    from earned
    inner join variants
        on
            earned.stream_id = variants.stream_id
            and earned.cost_bps = variants.cost_bps
            and earned.warm_up = variants.warm_up
            and earned.cost_basis = variants.cost_basis

)

select * from final
