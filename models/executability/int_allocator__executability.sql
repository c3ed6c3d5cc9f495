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
        variants.cost_basis,
        coalesce(bars.ret_1d, 0) as ret_1d,
        coalesce(rates.trade_rate, variants.cost_bps / 1e4) as trade_rate,
        coalesce(rates.short_rate, 0) as short_rate,
        coalesce(lag(allocator.exposure) over by_position, 0) as held
    from allocator
    inner join variants
        on allocator.variant_id = variants.variant_id
    left join bars
        on
            allocator.symbol = bars.symbol
            and allocator.session_date = bars.session_date
    left join rates
        on
            allocator.variant_id = rates.variant_id
            and allocator.symbol = rates.symbol
            and allocator.session_date = rates.session_date
    -- By cost_basis, too, although the variant has one: whoever asks for one reads no more than its variants.
    window by_position as (
        partition by
            allocator.variant_id,
            variants.cost_basis,
            allocator.symbol,
            case when variants.warm_up = 'year' then year(allocator.session_date) end
        order by allocator.session_date
    )

),

earned as (

    select
        variant_id,
        symbol,
        session_date,
        cost_basis,
        net_return,
        held * ret_1d
        - trade_rate * abs(exposure - held)
        - short_rate * greatest(-held, 0) as executable_return
    from with_held

),

final as (

    select
        variant_id,
        symbol,
        session_date,
        net_return,
        executable_return,
        net_return - executable_return as residual,
        cost_basis
    from earned

)

select * from final
