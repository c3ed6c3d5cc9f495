with

rules as (

    select * from {{ ref('verdict_rules') }}

),

statistics as (

    select * from {{ ref('rpt_overfitting') }}

),

performance as (

    select * from {{ ref('rpt_performance') }}

),

variants as (

    select * from {{ ref('dim_variants') }}

),

episodes as (

    select * from {{ ref('fct_drawdown_episodes') }}

),

attribution as (

    select * from {{ ref('rpt_drawdown_attribution') }}

),

failures as (

    select * from {{ ref('rpt_failure_modes') }}
    where variant_id = 'baseline'

),

sweep as (

    select * from {{ ref('rpt_stability_sweep') }}
    where base_variant_id = 'baseline'

),

set_aside as (

    select count(distinct symbol) as symbols
    from {{ ref('rpt_symbols_set_aside') }}
    where is_whole_symbol

),

left_behind as (

    select count(distinct symbol) as symbols
    from {{ ref('fct_data_check_failures') }}
    where check_id = 'ends_before_the_others'

),

baseline as (

    select
        performance.sharpe,
        abs(performance.annual_volatility / variants.target_volatility - 1) as volatility_error
    from performance
    inner join variants
        on performance.variant_id = variants.variant_id
    where performance.variant_id = 'baseline'

),

modes as (

    select
        failure_mode,
        count(*) as episodes
    from failures
    group by failure_mode

),

deep_episodes as (

    select cast(count(distinct episode_id) as double) as episodes
    from failures

),

residuals as (

    select abs(sum(attribution.contribution) - min(episodes.depth)) as residual
    from attribution
    inner join episodes
        on
            attribution.variant_id = episodes.variant_id
            and attribution.episode_id = episodes.episode_id
    group by attribution.variant_id, attribution.episode_id

),

joint as (

    select
        min(sharpe) as worst_sharpe,
        percentile_cont(0.95) within group (order by sharpe) as high_sharpe,
        min(state_agreement) as state_agreement
    from sweep
    where kind = 'joint'

),

alternatives as (

    select max(performance.sharpe) as best_sharpe
    from performance
    inner join variants
        on performance.variant_id = variants.variant_id
    where variants.family = 'alternative'

),

measured as (

    select
        'timing_skill' as metric,
        value
    from statistics
    where statistic = 'timing_skill' and subject = 'all'
    union all
    select
        'allocator_permutation' as metric,
        value
    from statistics
    where statistic = 'allocator_permutation' and subject = 'baseline'
    union all
    select
        'gain_over_single' as metric,
        min(lower) as value
    from statistics
    where statistic = 'allocator_gain'
    union all
    select
        'volatility_target_error' as metric,
        volatility_error as value
    from baseline
    union all
    select
        'beats_always_long' as metric,
        value
    from statistics
    where statistic = 'beats_always_long' and subject = 'baseline'
    union all
    select
        'gain_over_equal_weights' as metric,
        baseline.sharpe - performance.sharpe as value
    from baseline
    cross join performance
    where performance.variant_id = 'weighting_equal'
    union all
    select
        'classified_share' as metric,
        1 - coalesce(sum(case when modes.failure_mode = 'unclassified' then modes.episodes end), 0)
        / nullif(min(deep_episodes.episodes), 0) as value
    from deep_episodes
    left join modes
        on true
    union all
    select
        'dominant_share' as metric,
        max(case when modes.failure_mode != 'unclassified' then modes.episodes end)
        / nullif(min(deep_episodes.episodes), 0) as value
    from deep_episodes
    left join modes
        on true
    union all
    select
        'attribution_residual' as metric,
        round(max(residual), 13) as value
    from residuals
    union all
    select
        'state_agreement' as metric,
        min(state_agreement) as value
    from sweep
    where kind in ('grid', 'one_at_a_time')
    union all
    select
        'sharpe_kept' as metric,
        case when baseline.sharpe > 0 then joint.worst_sharpe / baseline.sharpe end as value
    from joint
    cross join baseline
    union all
    select
        'joint_state_agreement' as metric,
        state_agreement as value
    from joint
    union all
    select
        'backtest_overfitting' as metric,
        value
    from statistics
    where statistic = 'backtest_overfitting' and subject = 'baseline'
    union all
    select
        'architecture_gain' as metric,
        alternatives.best_sharpe - joint.high_sharpe as value
    from alternatives
    cross join joint

),

-- Whether more is better is told by which threshold lies higher.
judged as (

    select
        rules.*,
        measured.value,
        case
            when measured.value is null then 'inconclusive'
            when rules.yes_at > rules.no_at and measured.value >= rules.yes_at then 'yes'
            when rules.yes_at > rules.no_at and measured.value <= rules.no_at then 'no'
            when rules.yes_at < rules.no_at and measured.value <= rules.yes_at then 'yes'
            when rules.yes_at < rules.no_at and measured.value >= rules.no_at then 'no'
            else 'inconclusive'
        end as answer
    from rules
    left join measured
        on rules.metric = measured.metric

),

beside_those_left_out as (

    select
        judged.*,
        judged.yes_at as threshold,
        judged.no_at as no_threshold,
        set_aside.symbols as symbols_set_aside,
        left_behind.symbols as symbols_left_behind
    from judged
    cross join set_aside
    cross join left_behind

),

final as (

    select
        {{ cast_columns() }}
    from beside_those_left_out

)

select * from final
