{# At the end of a `dbt build`: what it left out, and the answers, a line each. It never fails a run. #}
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
        {%- if 'rpt_answers' in built -%}
            {%- for claim in run_query('select claim_id, description from marts.dim_claims order by is_own desc, claim_id').rows -%}
                {{ print_lines('Claim ' ~ claim[0] ~ ' (marts.rpt_answers): ' ~ claim[1], answer_lines(claim[0])) }}
            {%- endfor -%}
            {{ print_lines('These answers do not speak of:', unspoken_of()) }}
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

{% macro answer_lines(claim_id) %}
    select line
    from (
        select
            0 as position,
            'Stated after ' || trials_before || ' trials on these symbols: by luck alone the best of so many looks good '
            || '(marts.rpt_trials).' as line
        from marts.dim_claims
        where claim_id = '{{ claim_id }}' and trials_before > 1
        union all
        select
            position,
            case
                when answer = 'void' then sentence
                else rpad(answer, 12, ' ') || '  ' || question || '  ' || sentence
            end as line
        from marts.rpt_answers
        where claim_id = '{{ claim_id }}' and (answer != 'void' or position = 1)
    ) as lines
    order by position
{% endmacro %}
