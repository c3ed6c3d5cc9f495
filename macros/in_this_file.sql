{#
    A table of the file that the view lies in. A view that names the file, as a `ref()` does, would die with a
    renamed copy, and where the file is attached under another name.
#}
{% macro in_this_file(relation) -%}
    {{ relation.include(database=false) }}
{%- endmacro %}
