-- Do the assets' streams diversify? Pairwise correlation of what the allocator earns on each asset,
-- beside that of the assets themselves.
select
    here.symbol,
    there.symbol as other,
    corr(here.net_return, there.net_return) as of_streams,
    corr(bars.ret_1d, other_bars.ret_1d) as of_assets
from marts.fct_allocator_daily as here
inner join marts.fct_allocator_daily as there
    on
        here.variant_id = there.variant_id
        and here.session_date = there.session_date
        and here.symbol < there.symbol
inner join marts.fct_bars_daily as bars
    on
        here.symbol = bars.symbol
        and here.session_date = bars.session_date
inner join marts.fct_bars_daily as other_bars
    on
        there.symbol = other_bars.symbol
        and there.session_date = other_bars.session_date
where here.variant_id = 'baseline'
group by here.symbol, there.symbol
order by here.symbol, there.symbol
