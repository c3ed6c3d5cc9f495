with

bars as (

    select * from {{ ref('stg_raw__bars') }}

),

batches as (

    select * from {{ ref('stg_raw__batches') }}

),

sources as (

    select * from {{ ref('int_sources__active') }}

),

final as (

    select
        bars.batch_id,
        bars.symbol,
        bars.row_number,
        bars.session_date,
        batches.ingested_at,
        batches.price_basis,
        {%- for column in ['open', 'high', 'low'] %}
        {{ known_price('bars.' ~ column) }} as {{ column }},
        {%- endfor %}
        bars.close,
        bars.adj_close,
        bars.volume,
        -- A payout or a split that is no number is unknown: every comparison with NaN would hold.
        {%- for column in ['dividends', 'splits', 'capital_gains'] %}
        case when isfinite(bars.{{ column }}) then bars.{{ column }} end as {{ column }},
        {%- endfor %}
        rank() over (
            partition by bars.symbol, bars.session_date order by batches.ingested_at desc
        ) = 1 as is_newest
    from bars
    inner join batches
        on bars.batch_id = batches.batch_id
    inner join sources
        on
            bars.symbol = sources.symbol
            and bars.source = sources.source
    where
        sources.replaced_at is null
        or batches.ingested_at >= sources.replaced_at

)

select * from final
