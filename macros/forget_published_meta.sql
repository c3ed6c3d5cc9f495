{#
    Schema meta speaks of the build that was published with the file. A run in place makes that
    untrue, so it is dropped first; publishing writes it anew.
#}
{% macro forget_published_meta() %}
    {% if execute and flags.WHICH in ['build', 'run', 'seed'] %}
        drop schema if exists meta cascade
    {% endif %}
{% endmacro %}
