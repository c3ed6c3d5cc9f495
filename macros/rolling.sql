{#
    Rolling statistics over the last `n` rows of a symbol, equal in every bit to the engine's.

    A window `avg`, `sum` or `stddev` changes in its last bits when rows are added elsewhere, which
    would break "nothing looks ahead" and the equality with the engine. These expand to lag terms,
    added oldest first, in two passes. They are NULL where a value of the window is NULL or missing.
    The models that use them define `window by_symbol as (partition by symbol order by session_date)`.
#}
{% macro rolling_terms(x, n) -%}
    {%- set terms = [] -%}
    {%- for k in range(n - 1, 0, -1) -%}
        {%- do terms.append('lag(' ~ x ~ ', ' ~ k ~ ') over by_symbol') -%}
    {%- endfor -%}
    {%- do terms.append(x) -%}
    {{ return(terms) }}
{%- endmacro %}

{% macro rolling_mean(x, n) -%}
    (({{ rolling_terms(x, n) | join(' + ') }}) / cast({{ n }} as double))
{%- endmacro %}

{#
    Sample standard deviation (ddof 1): the second pass, with the column that holds the
    rolling_mean of the same window. Equal values give exactly 0, never a rounding residue.
#}
{% macro rolling_std(x, n, mean) -%}
    {%- set terms = rolling_terms(x, n) -%}
    {%- set squares = [] -%}
    {%- for term in terms -%}
        {%- do squares.append('(' ~ term ~ ' - ' ~ mean ~ ') * (' ~ term ~ ' - ' ~ mean ~ ')') -%}
    {%- endfor -%}
    (case
        when {{ mean }} is null then null
        when greatest({{ terms | join(', ') }}) = least({{ terms | join(', ') }}) then 0.0
        else sqrt(({{ squares | join(' + ') }}) / cast({{ n - 1 }} as double))
    end)
{%- endmacro %}

{#  Maximum of the last `n` rows; `max` over a window is exact, so no lag terms are needed. #}
{% macro rolling_max(x, n) -%}
    (case
        when lag({{ x }}, {{ n - 1 }}) over by_symbol is not null
            then max({{ x }}) over (
                partition by symbol order by session_date rows between {{ n - 1 }} preceding and current row
            )
    end)
{%- endmacro %}

{#  Simple return over the last `k` rows. #}
{% macro rolling_change(x, k) -%}
    ({{ x }} / lag({{ x }}, {{ k }}) over by_symbol - 1)
{%- endmacro %}

{#
    Median of the `n` rows before this one in `window by_batch`, of positive and finite values; NULL
    where fewer than `least` are known. A bad value or two does not move it, as it would a mean.
#}
{% macro median_before(x, n, least=5) -%}
    {%- set sound = 'case when ' ~ x ~ ' > 0 and isfinite(' ~ x ~ ') then ' ~ x ~ ' end' -%}
    (case
        when count({{ sound }}) over (by_batch rows between {{ n }} preceding and 1 preceding) >= {{ least }}
            then median({{ sound }}) over (by_batch rows between {{ n }} preceding and 1 preceding)
    end)
{%- endmacro %}
