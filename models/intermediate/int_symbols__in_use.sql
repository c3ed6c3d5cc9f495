-- Everything later reads the bars of these symbols alone, and waits for the checks: a row in
-- int_checks__stops skips all of it.
-- depends_on: {{ ref('int_checks__stops') }}

with

bars as (

    select distinct symbol from {{ ref('int_bars__rebased') }}

),

set_aside as (

    select distinct symbol from {{ ref('int_checks__set_aside') }}
    where is_whole_symbol

),

final as (

    select bars.symbol
    from bars
    left join set_aside
        on bars.symbol = set_aside.symbol
    where set_aside.symbol is null

)

select * from final
