{# At the end of a `dbt build`: what it left out, and the verdicts, a line each. It never fails a run. #}
{% macro print_outcome(results) %}
    {%- set built = [] -%}
    {%- for result in results if result.status == 'success' -%}
        {%- do built.append(result.node.name) -%}
    {%- endfor -%}
    {%- if execute and flags.WHICH == 'build' -%}
        {%- if 'rpt_symbols_set_aside' in built -%}
            {{ print_lines('Set aside, the others go on (marts.rpt_symbols_set_aside):', symbols_set_aside()) }}
        {%- endif -%}
        {%- if 'fct_data_check_failures' in built -%}
            {{ print_lines('Dead, or not updated? (marts.fct_data_check_failures):', symbols_left_behind()) }}
        {%- endif -%}
        {%- if 'rpt_verdicts' in built -%}
            {{ print_lines('Verdicts (marts.rpt_verdicts):', verdict_lines()) }}
            {{ print_lines('These verdicts do not speak of:', unspoken_of()) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{% macro print_lines(heading, query, limit=20) %}
    {%- set lines = run_query(query).rows -%}
    {%- if lines -%}
        {%- do print('') -%}
        {%- do print(heading) -%}
        {%- for line in lines[:limit] -%}
            {%- do print('  ' ~ line[0]) -%}
        {%- endfor -%}
        {%- if lines | length > limit -%}
            {%- set names = [] -%}
            {%- for line in lines[limit:] if line[0].split(' ')[0] not in names -%}
                {%- do names.append(line[0].split(' ')[0]) -%}
            {%- endfor -%}
            {%- do print('  and ' ~ (lines | length - limit) ~ ' more: ' ~ names | join(', ')) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{% macro symbols_set_aside() %}
    select
        symbol || '  ' || check_id || case when is_whole_symbol then '' else ' (older life)' end
        || '  ' || message || '; way out: ' || way_out
    from marts.rpt_symbols_set_aside
    order by not is_whole_symbol, symbol, check_id
{% endmacro %}

{% macro symbols_left_behind() %}
    select symbol || '  ' || detail || '; way out: ' || way_out
    from marts.fct_data_check_failures
    where check_id = 'ends_before_the_others'
    order by symbol
{% endmacro %}

{% macro unspoken_of() %}
    select distinct
        case when symbols_set_aside > 0 then symbols_set_aside || ' symbols set aside' else '' end
        || case when symbols_set_aside > 0 and symbols_left_behind > 0 then ', ' else '' end
        || case
            when symbols_left_behind > 0
                then 'what became of ' || symbols_left_behind || ' symbols that end before the others'
            else ''
        end
    from marts.rpt_verdicts
    where symbols_set_aside > 0 or symbols_left_behind > 0
{% endmacro %}

{% macro verdict_lines() %}
    select
        rpad(answer, 12, ' ') || '  ' || question || '  ' || metric || ' = '
        || coalesce(cast(round(value, 4) as varchar), 'unknown') || ' (yes from ' || cast(threshold as varchar)
        || case when threshold > no_threshold then ' up)' else ' down)' end
    from marts.rpt_verdicts
    order by position
{% endmacro %}
