{% set messages %}
    select
        portfolio.variant_id || ' ' || portfolio.session_date || ': contributions add up to '
        || sum(holdings.contribution) || ', the return is ' || min(portfolio.net_return) as message
    from {{ ref('fct_portfolio_daily') }} as portfolio
    left join {{ ref('fct_holdings_daily') }} as holdings
        on
            portfolio.variant_id = holdings.variant_id
            and portfolio.session_date = holdings.session_date
    group by portfolio.variant_id, portfolio.session_date
    having not coalesce(abs(sum(holdings.contribution) - min(portfolio.net_return)) <= 1e-12, false)
{% endset %}

{{ fail_with(messages, 'message') }}
