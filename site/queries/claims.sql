-- What is claimed, is it proven, and how lucky may it be: how many trials were there, how do neighbours do?
-- Own claims first, the latest before the others.
with

-- What the claimed variant is made of, as rpt_proofs names it.
parts as (

    select
        claims.claim_id,
        parameters.parameter as kind,
        parameters.value as component
    from marts.dim_claims as claims
    inner join marts.dim_variant_parameters as parameters
        on
            claims.variant_id = parameters.variant_id
            and parameters.parameter in ('allocator', 'weighting', 'cost')
    union all
    select distinct
        claims.claim_id,
        'strategy' as kind,
        streams.strategy as component
    from marts.dim_claims as claims
    inner join marts.fct_strategy_daily as streams
        on claims.variant_id = streams.variant_id
    union all
    select
        claim_id,
        'line' as kind,
        variant_id as component
    from marts.dim_claims

),

proofs as (

    select
        claims.claim_id,
        count(*) as proofs,
        count(*) filter (where proofs.holds) as proofs_held
    from marts.dim_claims as claims
    inner join marts.rpt_proofs as proofs
        on
            proofs.kind = 'features'
            or (
                proofs.kind = 'benchmark'
                and starts_with(claims.benchmark_id || '_', proofs.component || '_')
            )
            or exists (
                select 1
                from parts
                where
                    parts.claim_id = claims.claim_id
                    and parts.kind = proofs.kind
                    and parts.component = proofs.component
            )
    group by claims.claim_id

),

neighbours as (

    select
        sweep.base_variant_id as variant_id,
        count(*) as neighbours,
        count(*) filter (where sweep.sharpe < performance.sharpe) as neighbours_below
    from marts.rpt_stability_sweep as sweep
    inner join marts.rpt_performance as performance
        on sweep.base_variant_id = performance.variant_id
    where sweep.kind = 'neighbour'
    group by sweep.base_variant_id

)

select
    claims.claim_id,
    claims.claim_id as label,
    claims.variant_id,
    claims.description,
    claims.stated_on,
    claims.is_void,
    claims.void_reason,
    proofs.proofs,
    proofs.proofs_held,
    luck.trials,
    luck.value as deflated_sharpe,
    luck.reference as expected_maximum,
    neighbours.neighbours,
    neighbours.neighbours_below
from marts.dim_claims as claims
left join proofs
    on claims.claim_id = proofs.claim_id
left join marts.rpt_overfitting as luck
    on
        claims.variant_id = luck.subject
        and luck.statistic = 'deflated_sharpe'
left join neighbours
    on claims.variant_id = neighbours.variant_id
order by claims.is_own desc, claims.stated_on desc, claims.claim_id asc
