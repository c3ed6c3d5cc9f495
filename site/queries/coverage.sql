-- From when to when does each asset have bars, and which of them are out of sample? Stretches of sessions of
-- one kind: training only, out of sample, or carried where a bar is missing.
with

first_folds as (

    select
        folds.symbol,
        min(folds.year) as first_year
    from marts.dim_folds as folds
    inner join marts.dim_variants as variants
        on
            variants.variant_id = 'baseline'
            and folds.train_sessions >= variants.min_train_sessions
    group by folds.symbol

),

kinds as (

    select
        bars.symbol,
        bars.session_date,
        case
            when bars.is_filled then 'carried'
            when bars.session_date >= make_date(first_folds.first_year, 1, 1) then 'out of sample'
            else 'training only'
        end as use
    from marts.fct_bars_daily as bars
    left join first_folds
        on bars.symbol = first_folds.symbol

),

stretches as (

    select
        *,
        row_number() over (partition by symbol order by session_date)
        - row_number() over (partition by symbol, use order by session_date) as stretch
    from kinds

)

select
    symbol,
    min(session_date) as first_session,
    max(session_date) as last_session,
    use,
    count(*) as sessions
from stretches
group by symbol, use, stretch
order by symbol, first_session
