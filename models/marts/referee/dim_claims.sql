with

claims as (

    select * from {{ ref('int_claims__stated') }}

),

variants as (

    select * from {{ ref('int_variants__resolved') }}

),

proofs as (

    -- Not the mart: a test that fails there would keep from being built what says that a claim is void.
    select * from {{ ref('int_proofs__found') }}
    where not holds and kind != 'control'

),

claimed as (

    select
        claims.*,
        variants.parameters,
        variants.follows,
        variants.parameters ->> '$.cost_basis' = 'net' as is_executable
    from claims
    inner join variants
        on claims.variant_id = variants.variant_id

),

fails as (

    select
        claimed.claim_id,
        proofs.kind,
        proofs.component,
        proofs.proof
    from claimed
    inner join proofs
        on
            proofs.kind = 'features'
            or (proofs.kind = 'strategy' and list_contains(claimed.follows, proofs.component))
            or (
                proofs.kind in ('allocator', 'weighting', 'cost')
                and proofs.component = json_extract_string(claimed.parameters, '$.' || proofs.kind)
            )
            or (
                proofs.kind = 'benchmark'
                and starts_with(claimed.benchmark_id || '_', proofs.component || '_')
            )
            or (proofs.kind = 'line' and claimed.variant_id = proofs.component)

),

failed as (

    select
        claim_id,
        first(
            kind || ' ' || component || ' fails the proof ' || proof
            order by kind = 'line', kind, component, proof
        ) as reason
    from fails
    group by claim_id

),

with_reason as (

    select
        claimed.*,
        case
            when not claimed.is_executable
                then 'what ' || claimed.variant_id || ' earns cannot be had: it earns before it holds'
            else failed.reason
        end as void_reason
    from claimed
    left join failed
        on claimed.claim_id = failed.claim_id

),

judged as (

    select
        *,
        void_reason is not null as is_void
    from with_reason

),

final as (

    select
        {{ cast_columns() }}
    from judged

)

select * from final
