-- Which episodes can be looked at? The six deepest of each variant.
select
    rank,
    ['deepest', 'second', 'third', 'fourth', 'fifth', 'sixth'][rank] as label
from marts.fct_drawdown_episodes
where rank <= 6
group by rank
order by rank
