-- What did the portfolio earn in each state? The gross part of a day belongs to the state of the session
-- before, the cost to its own; under `published` both to the state that acted. Sums of daily contributions,
-- not compounded.
with

daily as (

    select
        holdings.variant_id,
        holdings.symbol,
        holdings.session_date,
        holdings.gross_contribution,
        holdings.cost_contribution,
        allocator.state,
        lag(allocator.state) over (
            partition by holdings.variant_id, holdings.symbol order by holdings.session_date
        ) as state_before,
        variants.cost_basis = 'strategy' as is_of_stream,
        variants.state_lag
    from marts.fct_holdings_daily as holdings
    inner join marts.fct_allocator_daily as allocator
        on
            holdings.variant_id = allocator.variant_id
            and holdings.symbol = allocator.symbol
            and holdings.session_date = allocator.session_date
    inner join marts.dim_variants as variants
        on holdings.variant_id = variants.variant_id

),

parts as (

    select
        variant_id,
        case when is_of_stream and state_lag = 0 then state else coalesce(state_before, 'CASH') end as state,
        gross_contribution as gross,
        0 as cost
    from daily
    union all
    select
        variant_id,
        case
            when is_of_stream and state_lag = 1 then coalesce(state_before, 'CASH')
            else state
        end as state,
        0 as gross,
        cost_contribution as cost
    from daily

)

select
    variant_id,
    state,
    round(sum(gross), 6) as gross,
    round(sum(cost), 6) as cost,
    round(sum(gross) + sum(cost), 6) as net
from parts
group by variant_id, state
order by variant_id, case state when 'TREND' then 1 when 'MEANREV' then 2 else 3 end
