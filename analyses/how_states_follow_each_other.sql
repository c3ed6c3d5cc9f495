-- How long does a state last, and what comes after it?
with

states as (

    select
        state,
        lead(state) over (partition by symbol order by session_date) as next_state
    from marts.fct_allocator_daily
    where variant_id = 'baseline'

)

select
    state,
    next_state,
    count(*) as sessions,
    count(*) / sum(count(*)) over (partition by state) as share
from states
where next_state is not null
group by state, next_state
order by state asc, share desc
