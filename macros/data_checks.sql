{#
    The checks of the bars, each a model check_<name>. Those of rows come before it is decided which
    rows are used, and may refuse one; those of series look at the rows that are, symbol by symbol; those
    of the market hold symbols against each other, and leave out those that are set aside already.
    A test holds the lists against the index, the seed data_checks.
#}
{% macro row_checks() %}
    {{ return([
        'duplicate_session', 'unexpected_session', 'future_bar', 'empty_bar', 'missing_adj_close',
        'missing_close', 'impossible_price', 'price_outside_high_low', 'negative_volume', 'unit_error',
        'frozen_feed',
        'missing_open', 'missing_high', 'missing_low', 'missing_volume', 'zero_volume', 'repeated_bar',
    ]) }}
{% endmacro %}

{% macro series_checks() %}
    {{ return([
        'recycled_ticker', 'not_daily', 'auto_adjusted', 'capital_gain_not_reflected', 'no_usable_bar', 'no_common_session', 'gap_over_limit', 'unit_break', 'date_shifted',
        'split_not_adjusted', 'split_adjusted_twice',
        'adjustment_factor_falls', 'dividend_not_reflected', 'dividend_reflected_twice',
        'anchor_missing_session', 'anchor_missing_value', 'anchor_zero_volume', 'anchor_rejected_bar',
        'missing_session', 'extreme_return', 'volume_outlier', 'adjustment_jump', 'price_basis_break',
        'stale_last_bar', 'shorter_history', 'kept_from_older_batch', 'source_disagreement',
    ]) }}
{% endmacro %}

{% macro market_checks() %}
    {{ return(['date_shifted_against_market', 'ends_before_the_others', 'same_returns_as_another']) }}
{% endmacro %}

{# A query for the names of the models of checks that are in the project. #}
{% macro check_models() %}
    {%- set names = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.name.startswith('check_') -%}
        {%- do names.append("select '" ~ node.name[6:] ~ "' as check_id") -%}
    {%- endfor -%}
    {{ names | join(' union all ') if names else 'select null as check_id' }}
{% endmacro %}
