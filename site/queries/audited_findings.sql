-- What did the checks find in the bars of each audited asset, session by session? The newest hundred of
-- each.
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

newest as (

    select *
    from marts.fct_data_check_failures
    qualify row_number() over (partition by symbol order by session_date desc, check_id asc) <= 100

)

select
    audited.audited,
    newest.session_date,
    coalesce(newest.check_id, 'none') as check_id,
    newest.severity,
    coalesce(newest.detail, 'Nothing was found.') as detail
from audited
left join newest
    on audited.symbol = newest.symbol
order by audited.audited, newest.session_date, check_id
