-- What holds symbols against each other must not be misled by one that is set aside already.
with

symbols as (

    select * from {{ ref('int_sources__active') }}

),

failures as (

    select * from {{ ref('int_checks__own_failures') }}
    where
        severity in ('fail', 'stop')
        and check_id != 'recycled_ticker'

),

final as (

    select symbols.symbol
    from symbols
    left join failures
        on symbols.symbol = failures.symbol
    where failures.symbol is null

)

select * from final
