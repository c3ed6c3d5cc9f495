with

checks as (

    select * from {{ ref('data_checks') }}

),

overrides as (

    select
        check_id,
        replace(symbol, '<anchor>', '{{ var("anchor_symbol") | replace("'", "''") }}') as symbol,
        severity,
        threshold
    from {{ ref('int_checks__overrides') }}

),

symbols as (

    select * from {{ ref('int_sources__active') }}

),

-- What would set the anchor aside concerns everybody. With the var `strict` so does every other symbol.
judged as (

    select
        checks.check_id,
        symbols.symbol,
        checks.position,
        symbols.source,
        checks.way_out,
        coalesce(overrides.severity, checks.severity) as severity,
        coalesce(overrides.threshold, checks.threshold) as threshold,
        symbols.symbol = {{ anchor_symbol() }} or {{ 'true' if var('strict') else 'false' }} as is_strict
    from checks
    cross join symbols
    left join overrides
        on
            checks.check_id = overrides.check_id
            and symbols.symbol = overrides.symbol

),

with_commands as (

    select
        *,
        case source
            when 'files' then 'python -m ingest files ' || symbol || '.csv'
            else 'python -m ingest yahoo --symbols ' || symbol
        end as update_command,
        case source when 'files' then ' --replace' else ' --full' end as whole,
        'echo ''' || check_id || ',' || symbol || ',warn,,REASON'' >> own/data_check_overrides.csv'
            as accept
    from judged

),

final as (

    select
        check_id,
        symbol,
        position,
        case when is_strict and severity = 'fail' then 'stop' else severity end as severity,
        threshold,
        replace(
            replace(
                replace(replace(way_out, '{ingest}', update_command || whole), '{update}', update_command),
                '{accept}', accept
            ),
            '{symbol}', symbol
        ) as way_out
    from with_commands

)

select * from final
