{# The parameters and switches of a variant, in the order of the seed's columns. #}
{% macro variant_parameters() %}
    {{ return([
        'cost_bps', 'prediction_threshold', 'trend_ret20_min', 'trend_hold', 'meanrev_ret5_max',
        'meanrev_entry_vol20_max', 'meanrev_hold', 'trend_mom60_min', 'trend_mom20_min',
        'meanrev_mom20_max', 'meanrev_dd60_max', 'meanrev_vol20_max', 'vol_window', 'max_weight',
        'target_volatility', 'max_leverage', 'min_train_sessions', 'min_train_rows',
        'min_test_sessions', 'state_lag', 'weight_lag', 'leverage_lag', 'warm_up', 'cap', 'cost_basis',
        'weighting', 'allocator',
    ]) }}
{% endmacro %}
