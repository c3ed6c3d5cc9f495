-- Which assets can be looked at closely? The eight with the longest history, the index first where there
-- is one.
select
    row_number() over (order by symbol in ('SPY', '^GSPC') desc, sessions desc, symbol asc) as asset_rank,
    symbol as label
from marts.dim_assets
order by asset_rank
limit 8
