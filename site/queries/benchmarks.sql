-- Which benchmarks are there to compare with?
select distinct benchmark_id as series
from marts.fct_benchmark_daily
order by series
