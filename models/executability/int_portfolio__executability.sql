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
        variants.cost_basis,
        coalesce(bars.ret_1d, 0) as ret_1d,
        coalesce(rates.trade_rate, variants.cost_bps / 1e4) as trade_rate,
        coalesce(rates.short_rate, 0) as short_rate,
        coalesce(lag(holdings.holding) over by_position, 0) as held
    from holdings
    inner join variants
        on holdings.variant_id = variants.variant_id
    left join bars
        on
            holdings.symbol = bars.symbol
            and holdings.session_date = bars.session_date
    left join rates
        on
            holdings.variant_id = rates.variant_id
            and holdings.symbol = rates.symbol
            and holdings.session_date = rates.session_date
    -- By cost_basis, too, although the variant has one: whoever asks for one reads no more than its variants.
    window by_position as (
        partition by
            holdings.variant_id,
            variants.cost_basis,
            holdings.symbol,
            case when variants.warm_up = 'year' then year(holdings.session_date) end
        order by holdings.session_date
    )

),

earned as (

    select
        variant_id,
        cost_basis,
        session_date,
        sum(
            held * ret_1d
            - trade_rate * abs(holding - held)
            - short_rate * greatest(-held, 0)
        ) as executable_return
    from with_held
    group by variant_id, cost_basis, session_date

),

final as (

    select
        portfolio.variant_id,
        portfolio.session_date,
        portfolio.net_return,
        earned.executable_return,
        portfolio.net_return - earned.executable_return as residual,
        variants.cost_basis
    from portfolio
    inner join variants
        on portfolio.variant_id = variants.variant_id
    left join earned
        on
            portfolio.variant_id = earned.variant_id
            and variants.cost_basis = earned.cost_basis
            and portfolio.session_date = earned.session_date

)

select * from final
