with

allocator as (

    select * from {{ ref('fct_allocator_daily') }}

),

bars as (

    select * from {{ ref('fct_bars_daily') }}

),

variants as (

    select * from {{ ref('dim_variants') }}

),

rates as (

    select * from {{ ref('int_costs__rates') }}

),

with_held as (

    select
        allocator.variant_id,
        allocator.symbol,
        allocator.session_date,
        allocator.exposure,
        allocator.net_return,
        coalesce(rates.trade_rate, variants.cost_bps / 1e4) as trade_rate,
        coalesce(rates.short_rate, 0) as short_rate,
        coalesce(lag(allocator.exposure) over by_position, 0) as held
    from allocator
    inner join variants
        on allocator.variant_id = variants.variant_id
    left join rates
        on
            allocator.variant_id = rates.variant_id
            and allocator.symbol = rates.symbol
            and allocator.session_date = rates.session_date
    window by_position as (
        partition by
            allocator.variant_id,
            allocator.symbol,
            case when variants.warm_up = 'year' then year(allocator.session_date) end
        order by allocator.session_date
    )

),

earned as (

    select
        with_held.variant_id,
        with_held.symbol,
        with_held.session_date,
        with_held.net_return,
        with_held.held * coalesce(bars.ret_1d, 0)
        - with_held.trade_rate * abs(with_held.exposure - with_held.held)
        - with_held.short_rate * greatest(-with_held.held, 0) as executable_return
    from with_held
    left join bars
        on
            with_held.symbol = bars.symbol
            and with_held.session_date = bars.session_date

),

final as (

    select
        variant_id,
        symbol,
        session_date,
        net_return,
        executable_return,
        net_return - executable_return as residual
    from earned

)

select * from final
