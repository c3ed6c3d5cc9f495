with

named as (

    select * from {{ ref('int_variants__resolved') }}

),

perturbed as (

    select * from {{ ref('int_variants__perturbed') }}

),

variants as (

    {% for relation in ['named', 'perturbed'] %}
    select
        variant_id,
        family,
        detail,
        base_variant_id,
        description,
        {{ variant_parameters() | join(', ') }}
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(family as varchar) as family,
        cast(detail as varchar) as detail,
        cast(base_variant_id as varchar) as base_variant_id,
        cast(description as varchar) as description,
        cast(cost_bps as double) as cost_bps,
        cast(prediction_threshold as double) as prediction_threshold,
        cast(trend_ret20_min as double) as trend_ret20_min,
        cast(trend_hold as bigint) as trend_hold,
        cast(meanrev_ret5_max as double) as meanrev_ret5_max,
        cast(meanrev_entry_vol20_max as double) as meanrev_entry_vol20_max,
        cast(meanrev_hold as bigint) as meanrev_hold,
        cast(trend_mom60_min as double) as trend_mom60_min,
        cast(trend_mom20_min as double) as trend_mom20_min,
        cast(meanrev_mom20_max as double) as meanrev_mom20_max,
        cast(meanrev_dd60_max as double) as meanrev_dd60_max,
        cast(meanrev_vol20_max as double) as meanrev_vol20_max,
        cast(vol_window as bigint) as vol_window,
        cast(max_weight as double) as max_weight,
        cast(target_volatility as double) as target_volatility,
        cast(max_leverage as double) as max_leverage,
        cast(min_train_sessions as bigint) as min_train_sessions,
        cast(min_train_rows as bigint) as min_train_rows,
        cast(min_test_sessions as bigint) as min_test_sessions,
        cast(state_lag as bigint) as state_lag,
        cast(weight_lag as bigint) as weight_lag,
        cast(leverage_lag as bigint) as leverage_lag,
        cast(warm_up as varchar) as warm_up,
        cast(cap as varchar) as cap,
        cast(cost_basis as varchar) as cost_basis,
        cast(weighting as varchar) as weighting,
        cast(allocator as varchar) as allocator
    from variants

)

select * from final
