-- Every row of the symbol was refused: it would be gone without a word.
with

candidates as (

    select * from {{ ref('int_bars__candidates') }}

),

accepted as (

    select distinct symbol from {{ ref('int_bars__accepted') }}

),

final as (

    select
        candidates.symbol,
        max(candidates.session_date) as session_date,
        cast(count(*) as double) as observed,
        'all ' || count(*) || ' rows are quarantined' as detail
    from candidates
    left join accepted
        on candidates.symbol = accepted.symbol
    where accepted.symbol is null
    group by candidates.symbol

)

select * from final
