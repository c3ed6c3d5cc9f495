-- Worked out for the session of the largest move: what did each asset contribute, from what stood in it
-- at the close before? Of more than twenty assets, the twenty that contributed most either way.
with

session as (

    select arg_max(session_date, (abs(net_return), session_date)) as session_date
    from marts.fct_portfolio_daily
    where variant_id = 'baseline'

),

held as (

    select
        holdings.symbol,
        holdings.session_date,
        coalesce(lag(holdings.holding) over by_asset, 0) as holding_before,
        holdings.holding,
        holdings.contribution,
        variants.cost_bps / 10000 as cost_rate
    from marts.fct_holdings_daily as holdings
    inner join marts.dim_variants as variants
        on holdings.variant_id = variants.variant_id
    where holdings.variant_id = 'baseline'
    window by_asset as (partition by holdings.symbol order by holdings.session_date)

)

select
    held.symbol,
    held.holding_before,
    bars.ret_1d as session_return,
    held.holding_before * bars.ret_1d as gross_part,
    held.holding,
    held.cost_rate,
    -held.cost_rate * abs(held.holding - held.holding_before) as cost_part,
    held.holding_before * bars.ret_1d
    - held.cost_rate * abs(held.holding - held.holding_before) as contribution_again,
    held.contribution as contribution_stored,
    held.holding_before * bars.ret_1d - held.cost_rate * abs(held.holding - held.holding_before)
    - held.contribution as contribution_difference
from held
inner join session
    on held.session_date = session.session_date
inner join marts.fct_bars_daily as bars
    on
        held.symbol = bars.symbol
        and held.session_date = bars.session_date
order by abs(held.contribution) desc, held.symbol asc
limit 20
