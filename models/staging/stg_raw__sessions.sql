with

sessions as (

    {{ from_raw('sessions', session_column='session_date') }}

),

final as (

    select
        session_date,
        close_at,
        is_early_close
    from sessions

)

select * from final
