-- Prices as traded come with volume in the shares of their day, and a split changes what a share is. Volume
-- is brought to the shares of the first bar, not of the last: a later split must change no earlier number.
-- Where the source says nothing of splits (NULL; 0 is none), one shows as a step of adj_close / close by a
-- simple ratio.
with recursive

bars as (

    select * from {{ ref('int_bars__rebased') }}

),

sources as (

    select * from {{ ref('int_sources__active') }}
    where price_basis = 'raw'

),

steps as (

    select
        bars.symbol,
        bars.session_date,
        bars.splits,
        bars.splits is not null as is_told,
        (bars.adj_close / bars.close) / lag(bars.adj_close / bars.close) over by_symbol as step
    from bars
    inner join sources
        on bars.symbol = sources.symbol
    window by_symbol as (partition by bars.symbol order by bars.session_date)

),

-- Reverse splits, whose step is below 1, are read upside down.
sizes as (

    select
        *,
        greatest(step, 1 / step) as size
    from steps

),

ratios as (

    select
        symbol,
        session_date,
        step,
        case
            when is_told and splits > 0 and isfinite(splits) then splits
            {%- for denominator in [1, 2, 3, 4, 5] %}
            when
                not is_told and size between 1.15 and 50.5
                and abs(size * {{ denominator }} / round(size * {{ denominator }}) - 1) < 0.01
                then round(size * {{ denominator }}) / {{ denominator }}
            {%- endfor %}
        end as ratio,
        is_told
    from sizes

),

splits as (

    select
        symbol,
        session_date,
        case when step < 1 and not is_told then 1 / ratio else ratio end as ratio,
        row_number() over by_symbol as number,
        lead(session_date) over by_symbol as next_split
    from ratios
    where ratio != 1
    window by_symbol as (partition by symbol order by session_date)

),

-- Multiplied one by one, in order: the product of a window may differ in its last bits when rows are added.
cumulated as (

    select
        symbol,
        number,
        session_date,
        next_split,
        ratio as share_basis
    from splits
    where number = 1

    union all

    select
        splits.symbol,
        splits.number,
        splits.session_date,
        splits.next_split,
        cumulated.share_basis * splits.ratio as share_basis
    from cumulated
    inner join splits
        on
            cumulated.symbol = splits.symbol
            and cumulated.number + 1 = splits.number

),

final as (

    select
        symbol,
        session_date as valid_from,
        coalesce(next_split, date '9999-12-31') as valid_before,
        share_basis
    from cumulated

)

select * from final
