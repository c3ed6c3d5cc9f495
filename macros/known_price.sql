{#
    Open, high or low, NULL where it is 0 beside a sound close and adjusted close: the source did not know it.
    About one stock in five at Yahoo has such bars before 1970.
#}
{% macro known_price(column) -%}
    case
        when
            {{ column }} = 0
            and bars.close > 0
            and isfinite(bars.close)
            and bars.adj_close > 0
            and isfinite(bars.adj_close)
            then null
        else {{ column }}
    end
{%- endmacro %}
