with

bars as (

    select * from {{ ref('int_bars__aligned') }}

),

share_basis as (

    select * from {{ ref('int_bars__share_basis') }}

),

final as (

    select
        bars.symbol,
        bars.session_date,
        bars.open,
        bars.high,
        bars.low,
        bars.close,
        bars.adj_close,
        bars.volume,
        bars.volume / coalesce(share_basis.share_basis, 1) as share_volume,
        {{ rolling_change('bars.adj_close', 1) }} as ret_1d,
        bars.is_filled
    from bars
    left join share_basis
        on
            bars.symbol = share_basis.symbol
            and bars.session_date >= share_basis.valid_from
            and bars.session_date < share_basis.valid_before
    window by_symbol as (partition by bars.symbol order by bars.session_date)

)

select * from final
