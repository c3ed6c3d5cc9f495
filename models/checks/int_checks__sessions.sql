-- Numbered for the checks, of whatever symbols have landed: the panel is that of the symbols in use.
with

sessions as (

    select * from {{ ref('stg_raw__sessions') }}

),

final as (

    select
        session_date,
        close_at,
        cast(row_number() over (order by session_date) as bigint) as session_number
    from sessions

)

select * from final
