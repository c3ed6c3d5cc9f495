with

portfolio as (

    select * from {{ ref('fct_portfolio_daily') }}

),

holdings as (

    select * from {{ ref('fct_holdings_daily') }}

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
        holdings.variant_id,
        holdings.symbol,
        holdings.session_date,
        holdings.holding,
        coalesce(rates.trade_rate, variants.cost_bps / 1e4) as trade_rate,
        coalesce(rates.short_rate, 0) as short_rate,
        coalesce(lag(holdings.holding) over by_position, 0) as held
    from holdings
    inner join variants
        on holdings.variant_id = variants.variant_id
    left join rates
        on
            holdings.variant_id = rates.variant_id
            and holdings.symbol = rates.symbol
            and holdings.session_date = rates.session_date
    window by_position as (
        partition by
            holdings.variant_id,
            holdings.symbol,
            case when variants.warm_up = 'year' then year(holdings.session_date) end
        order by holdings.session_date
    )

),

earned as (

    select
        with_held.variant_id,
        with_held.session_date,
        sum(
            with_held.held * coalesce(bars.ret_1d, 0)
            - with_held.trade_rate * abs(with_held.holding - with_held.held)
            - with_held.short_rate * greatest(-with_held.held, 0)
        ) as executable_return
    from with_held
    left join bars
        on
            with_held.symbol = bars.symbol
            and with_held.session_date = bars.session_date
    group by with_held.variant_id, with_held.session_date

),

final as (

    select
        portfolio.variant_id,
        portfolio.session_date,
        portfolio.net_return,
        earned.executable_return,
        portfolio.net_return - earned.executable_return as residual
    from portfolio
    left join earned
        on
            portfolio.variant_id = earned.variant_id
            and portfolio.session_date = earned.session_date

)

select * from final
