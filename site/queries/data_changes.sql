-- What do other data do to the Sharpe ratio of `baseline`: a little price noise, a later start, one asset
-- less?
select
    parameter as data_change,
    row_number() over (partition by parameter order by value, variant_id) as draw,
    sharpe,
    max_drawdown,
    state_agreement
from marts.rpt_stability_sweep
where
    kind = 'data'
    and base_variant_id = 'baseline'
order by parameter, draw
