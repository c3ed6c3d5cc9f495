-- Which checks looked at each audited asset, with which limit, and how did they end? Those of the anchor
-- are asked of nobody else.
with

-- The anchor is the asset for which a limit that is set for `<anchor>` holds.
anchor as (

    select distinct limits.symbol
    from checks.int_checks__thresholds as limits
    inner join seeds.data_check_overrides as overrides
        on
            limits.check_id = overrides.check_id
            and limits.threshold = overrides.threshold
    where overrides.symbol = '<anchor>'

),

audited as (

    select
        assets.symbol,
        anchor.symbol is not null as is_anchor,
        row_number() over (
            order by anchor.symbol is null asc, assets.sessions desc, assets.symbol asc
        ) as audited
    from marts.dim_assets as assets
    left join anchor
        on assets.symbol = anchor.symbol
    qualify audited <= 8

),

findings as (

    select
        symbol,
        check_id,
        count(*) as findings
    from marts.fct_data_check_failures
    group by symbol, check_id

)

select
    audited.audited,
    checks.check_id,
    limits.severity,
    case
        when not audited.is_anchor and starts_with(checks.check_id, 'anchor_') then 'not asked'
        when findings.findings is null then 'clean'
        else 'found'
    end as outcome,
    findings.findings,
    limits.threshold as check_limit,
    checks.description as wrong
from audited
inner join checks.int_checks__thresholds as limits
    on audited.symbol = limits.symbol
inner join marts.dim_data_checks as checks
    on limits.check_id = checks.check_id
left join findings
    on
        audited.symbol = findings.symbol
        and checks.check_id = findings.check_id
order by
    audited.audited, findings.findings is null, not starts_with(checks.check_id, 'anchor_'), checks.position
