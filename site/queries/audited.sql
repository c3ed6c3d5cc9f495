-- Whose bars are audited, and what is known of them? The anchor first, if it has landed; eight assets at
-- most.
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

)

select
    audited.audited,
    case when audited.is_anchor then audited.symbol || ', the anchor' else audited.symbol end as label,
    audited.symbol,
    audited.is_anchor,
    audit.rows,
    audit.first_session,
    audit.last_session,
    audit.missing_sessions,
    audit.unexpected_sessions,
    audit.duplicate_sessions,
    audit.missing_adj_close,
    audit.missing_volume,
    audit.quarantined_rows,
    audit.extreme_return_days,
    audit.largest_gap_days
from audited
inner join marts.rpt_data_audit as audit
    on audited.symbol = audit.symbol
order by audited.audited
