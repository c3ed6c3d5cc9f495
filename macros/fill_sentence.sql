{# A sentence with its places filled in; what is unknown reads so. #}
{% macro fill_sentence(sentence, places) %}
    {%- set filled = namespace(sql=sentence) -%}
    {%- for place, text in places.items() -%}
        {%- set filled.sql = "replace(" ~ filled.sql ~ ", '" ~ place ~ "', coalesce(" ~ text ~ ", 'unknown'))" -%}
    {%- endfor -%}
    {{ filled.sql }}
{%- endmacro %}
