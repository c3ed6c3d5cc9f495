{#
    SQL macros for whoever opens the warehouse, with any client. They live in schema main and name tables as
    `marts.x`: a `ref()` renders the name of the file, which dies with a renamed copy. They are made again
    by every run; those that read tables, by a run that has the tables.
#}
{% macro create_user_macros() %}
    {%- set is_run = execute and flags.WHICH in ['build', 'run'] -%}
    {%- set needed = ['rpt_performance', 'fct_portfolio_daily'] if is_run else [] -%}
    {%- set found = [] -%}
    {%- for name in needed -%}
        {%- if adapter.get_relation(target.database, 'marts', name) -%}
            {%- do found.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if is_run %}
create or replace macro main.sharpe(r) as
    case when max(r) > min(r) then sqrt(252) * avg(r) / stddev_pop(r) end;

create or replace macro main.annual_volatility(r) as
    case when max(r) > min(r) then sqrt(252) * stddev_pop(r) when count(r) > 0 then 0.0 end;

create or replace macro main.annual_return(r) as
    case when product(1 + r) > 0 then pow(product(1 + r), 252 / count(r)) - 1 end;

create or replace macro main.drawdown(tbl) as table
    with counted as (
        select
            session_date,
            net_return,
            count(*) over (partition by session_date) as rows_of_session
        from query_table(tbl)
    ),
    returns as (
        select
            session_date,
            case
                when rows_of_session = 1 then net_return
                else cast(error(
                    tbl || ' has ' || rows_of_session || ' rows of ' || session_date
                    || '; a drawdown is of one stream: name a view of one, such as create temp view mine as '
                    || 'select * from marts.fct_portfolio_daily where variant_id = ''baseline'''
                ) as double)
            end as net_return
        from counted
    ),
    growth as (
        select
            session_date,
            product(1 + net_return) over (order by session_date rows unbounded preceding) as equity
        from returns
    )
    select
        session_date,
        equity,
        equity / greatest(1, max(equity) over (order by session_date rows unbounded preceding)) - 1 as drawdown
    from growth
    order by session_date;

create or replace macro main.max_drawdown(tbl) as (select min(drawdown) from main.drawdown(tbl));
    {%- endif -%}
    {%- if needed and found == needed %}

create or replace macro main.equity_curve(variant) as table
    select
        session_date,
        net_return,
        equity,
        drawdown
    from marts.fct_portfolio_daily
    where variant_id = variant
    order by session_date;

create or replace macro main.compare(variant_a, variant_b) as table
    with measures as (
        unpivot (
            select * exclude (first_session, last_session, is_executable) replace (cast(sessions as double) as sessions)
            from marts.rpt_performance
        )
        on columns(* exclude (variant_id)) into name measure value measured
    )
    select
        measure,
        max(case when variant_id = variant_a then measured end) as a,
        max(case when variant_id = variant_b then measured end) as b,
        max(case when variant_id = variant_b then measured end)
        - max(case when variant_id = variant_a then measured end) as change
    from measures
    where variant_id in (variant_a, variant_b)
    group by measure
    order by measure;
    {%- endif -%}
{% endmacro %}
