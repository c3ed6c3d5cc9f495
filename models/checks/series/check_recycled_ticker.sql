-- Two companies have had the ticker, one after the other. The older one's bars are used by nothing.
with

lives as (

    select * from {{ ref('int_bars__lives') }}

),

final as (

    select
        symbol,
        life_start as session_date,
        cast(gap_days as double) as observed,
        'no bar for ' || gap_days || ' days after ' || last_session
        || case
            when price_ratio is not null then ', and ' || round(price_ratio, 2) || ' times the price then'
            else ''
        end
        || ': another company under the same ticker; the older life, ' || sessions || ' sessions from '
        || first_session || ', is left out' as detail
    from lives

)

select * from final
