{# At the end of a `dbt build` that built them: the verdicts, a line each. It never fails a run. #}
{% macro print_verdicts(results) %}
    {%- set built = [] -%}
    {%- for result in results if result.node.name == 'rpt_verdicts' and result.status == 'success' -%}
        {%- do built.append(result.node) -%}
    {%- endfor -%}
    {%- if execute and built and flags.WHICH == 'build' -%}
        {%- set verdicts = run_query(
            "select rpad(answer, 12, ' ') || '  ' || question || '  ' || metric || ' = '
            || coalesce(cast(round(value, 4) as varchar), 'unknown')
            || ' (yes from ' || cast(threshold as varchar)
            || case when threshold > no_threshold then ' up)' else ' down)' end
            from marts.rpt_verdicts order by position"
        ) -%}
        {%- do print('') -%}
        {%- do print('Verdicts (marts.rpt_verdicts):') -%}
        {%- for row in verdicts.rows -%}
            {%- do print('  ' ~ row[0]) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
