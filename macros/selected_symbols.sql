{#
    The symbols of the var `symbols` in upper case, a list or one text of them; none where the var is null.
    Each is checked before it becomes SQL, by the pattern of ingest/symbols.py.
#}
{% macro selected_symbols() %}
    {%- set given = var('symbols') -%}
    {%- if given is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set found = [] -%}
    {%- for text in ([given] if given is string or given is not iterable else given) -%}
        {%- if text is not string -%}
            {{ exceptions.raise_compiler_error(
                "var symbols has " ~ text ~ ", which is no text: YAML reads ON, NO, TRUE and numbers as something "
                ~ "else; put the symbol in quotes, as in {symbols: [\"ON\", SPY]}"
            ) }}
        {%- endif -%}
        {%- for symbol in text.replace(',', ' ').split() -%}
            {%- if not modules.re.fullmatch('\^?[A-Za-z0-9][A-Za-z0-9.\-]{0,14}', symbol) -%}
                {{ exceptions.raise_compiler_error(
                    "var symbols has '" ~ symbol ~ "', which is no symbol; correct its spelling, "
                    ~ "as in {symbols: [SPY, ^GSPC]}"
                ) }}
            {%- endif -%}
            {%- if symbol.upper() not in found -%}
                {%- do found.append(symbol.upper()) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if not found -%}
        {{ exceptions.raise_compiler_error(
            "var symbols names none; name some, as in {symbols: [SPY, AAPL]}, or leave it out"
        ) }}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{# Whether a column holds one of them. #}
{% macro is_selected_symbol(column) -%}
    {%- set symbols = selected_symbols() -%}
    {%- if symbols is none -%} true {%- else -%} {{ column }} in ('{{ symbols | join("', '") }}') {%- endif -%}
{%- endmacro %}

{# A list of them, as a literal; empty where all are used. #}
{% macro selected_symbols_list() -%}
    [{%- for symbol in selected_symbols() or [] -%} '{{ symbol }}' {{- ', ' if not loop.last }} {%- endfor -%}]::varchar[]
{%- endmacro %}
