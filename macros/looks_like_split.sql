{#
    Whether a price stands to the one before as after a split that was not, or twice, adjusted for: the
    open within 5 % and the close within 12 % of a whole ratio from 2 to 50, either way. Ratios below 2,
    such as 3 for 2, are left out: real moves of a third are too many.
#}
{% macro looks_like_split(close, open, previous_close) -%}
    (
        {%- for ratio in [2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50] %}
        {{ 'or ' if not loop.first }}(
            abs({{ open }} / {{ previous_close }} * {{ ratio }} - 1) < 0.05
            and abs({{ close }} / {{ previous_close }} * {{ ratio }} - 1) < 0.12
        )
        or (
            abs({{ open }} / {{ previous_close }} / {{ ratio }} - 1) < 0.05
            and abs({{ close }} / {{ previous_close }} / {{ ratio }} - 1) < 0.12
        )
        {%- endfor %}
    )
{%- endmacro %}
