{%- set numbers = [
    'cost_bps', 'prediction_threshold', 'trend_ret20_min', 'trend_hold', 'meanrev_ret5_max',
    'meanrev_entry_vol20_max', 'meanrev_hold', 'trend_mom60_min', 'trend_mom20_min', 'meanrev_mom20_max',
    'meanrev_dd60_max', 'meanrev_vol20_max', 'vol_window', 'max_weight', 'target_volatility',
    'max_leverage', 'min_train_sessions', 'min_train_rows', 'min_test_sessions', 'state_lag',
    'weight_lag', 'leverage_lag',
] -%}
{%- set counts = [
    'trend_hold', 'meanrev_hold', 'vol_window', 'min_train_sessions', 'min_train_rows',
    'min_test_sessions', 'state_lag', 'weight_lag', 'leverage_lag',
] -%}
{%- set texts = ['warm_up', 'cap', 'cost_basis', 'weighting', 'allocator'] -%}
{%- set values = [] -%}
{%- for name in numbers -%}
{%- do values.append(variant_value(name, 'bigint' if name in counts else 'double')) -%}
{%- endfor -%}
{%- for name in texts -%}
{%- do values.append(variant_value(name, 'varchar')) -%}
{%- endfor -%}
with

named as (

    select
        variant_id,
        family,
        detail,
        base_variant_id,
        description,
        parameters
    from {{ ref('int_variants__resolved') }}

),

perturbed as (

    select
        variant_id,
        family,
        detail,
        base_variant_id,
        description,
        parameters
    from {{ ref('int_variants__perturbed') }}

),

variants as (

    select * from named
    union all
    select * from perturbed

),

final as (

    select
        cast(variant_id as varchar) as variant_id,
        cast(family as varchar) as family,
        cast(detail as varchar) as detail,
        cast(base_variant_id as varchar) as base_variant_id,
        cast(description as varchar) as description,
        {{ values | join(',\n        ') }}
    from variants

)

select * from final
