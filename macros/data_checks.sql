{#
    The checks of the bars, each a model check_<name>. Those of rows come before it is decided which
    rows are used, and may refuse one; those of series look at the rows that are.
    A test holds both lists against the index, the seed data_checks.
#}
{% macro row_checks() %}
    {{ return([
        'duplicate_session', 'unexpected_session', 'empty_bar', 'missing_adj_close', 'missing_close',
        'impossible_price', 'price_outside_high_low', 'negative_volume', 'unit_error', 'frozen_feed',
        'missing_open', 'missing_high', 'missing_low', 'missing_volume', 'zero_volume', 'repeated_bar',
    ]) }}
{% endmacro %}

{% macro series_checks() %}
    {{ return([
        'no_usable_bar', 'no_common_session', 'gap_over_limit', 'unit_break', 'date_shifted',
        'date_shifted_against_market', 'split_not_adjusted', 'split_adjusted_twice',
        'adjustment_factor_falls', 'dividend_not_reflected', 'dividend_reflected_twice',
        'anchor_missing_session', 'anchor_missing_value', 'anchor_zero_volume', 'anchor_rejected_bar',
        'missing_session', 'extreme_return', 'volume_outlier', 'adjustment_jump', 'price_basis_break',
        'stale_last_bar', 'shorter_history', 'kept_from_older_batch', 'source_disagreement',
    ]) }}
{% endmacro %}

{# A query for the names of the models of checks that are in the project. #}
{% macro check_models() %}
    {%- set names = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.name.startswith('check_') -%}
        {%- do names.append("select '" ~ node.name[6:] ~ "' as check_id") -%}
    {%- endfor -%}
    {{ names | join(' union all ') if names else 'select null as check_id' }}
{% endmacro %}
