-- What is known of the rows of each asset, as they came?
select
    audit.symbol,
    audit.rows,
    audit.first_session,
    audit.last_session,
    audit.missing_sessions,
    audit.unexpected_sessions,
    audit.duplicate_sessions,
    audit.quarantined_rows,
    audit.extreme_return_days,
    audit.missing_adj_close,
    audit.missing_volume,
    audit.largest_gap_days,
    assets.source,
    assets.price_basis
from marts.rpt_data_audit as audit
left join marts.dim_assets as assets
    on audit.symbol = assets.symbol
order by audit.symbol
