{# A number as a person says it: a Sharpe ratio with two digits, a share in per cent, a probability as small as it is. #}
{% macro in_words(number, unit) %}
    case
        when {{ unit }} = 'sharpe' then printf('%.2f', {{ number }})
        when {{ unit }} = 'share' and abs({{ number }}) between 0.01 and 0.99 then printf('%.0f %%', 100 * ({{ number }}))
        when {{ unit }} = 'share' then printf('%.3g %%', 100 * ({{ number }}))
        else printf('%.2g', {{ number }})
    end
{%- endmacro %}
