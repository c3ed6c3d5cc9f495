-- How much of each Sharpe ratio may be luck? Variants and benchmarks, best first. A variant could be traded
-- if its costs are charged on what it holds.
with

statistics as (

    select
        subject,
        max(value) filter (where statistic = 'sharpe') as sharpe,
        max(lower) filter (where statistic = 'sharpe') as sharpe_lower,
        max(upper) filter (where statistic = 'sharpe') as sharpe_upper,
        max(value) filter (where statistic = 'probabilistic_sharpe') as probabilistic_sharpe,
        max(value) filter (where statistic = 'minimum_track_record') as minimum_track_record,
        cast(max(reference) filter (where statistic = 'minimum_track_record') as bigint) as sessions,
        max(value) filter (where statistic = 'deflated_sharpe') as deflated_sharpe,
        max(value) filter (where statistic = 'beats_always_long') as beats_always_long
    from marts.rpt_overfitting
    group by subject

)

select
    statistics.subject,
    coalesce(variants.cost_basis, 'net') = 'net' as is_tradable,
    statistics.sharpe,
    statistics.sharpe_lower,
    statistics.sharpe_upper,
    statistics.probabilistic_sharpe,
    statistics.minimum_track_record,
    statistics.sessions,
    statistics.deflated_sharpe,
    statistics.beats_always_long
from statistics
left join marts.dim_variants as variants
    on statistics.subject = variants.variant_id
where statistics.sharpe is not null
order by statistics.sharpe desc, statistics.subject asc
