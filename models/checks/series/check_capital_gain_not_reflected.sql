-- A gain that is larger than the dividend cannot be part of it, so the past should be adjusted for it, too.
with

payouts as (

    select * from {{ ref('int_checks__payouts') }}

),

final as (

    select
        symbol,
        session_date,
        gain as observed,
        'capital gain ' || gain || ' on a close of ' || previous_close || ', dividend ' || dividend
        || ': adj_close / close moves by ' || round(100 * factor_change, 3)
        || ' %, as if the gain had not been paid' as detail
    from payouts
    where
        gain > dividend
        and gain / previous_close >= 1e-4
        and not is_gain_counted

)

select * from final
