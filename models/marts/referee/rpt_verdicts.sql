{#- Normal quantiles: 95 % lie within 1.96 standard errors; 0.84 more, and four of five are seen. -#}
{%- set reach, four_in_five = 1.959964, 0.841621 -%}
with

rules as (

    select * from {{ ref('verdict_rules') }}

),

questions as (

    select * from {{ ref('questions') }}

),

claims as (

    select * from {{ ref('dim_claims') }}

),

metrics as (

    select * from {{ ref('rpt_claim_metrics') }}

),

set_aside as (

    select count(distinct symbol) as symbols
    from {{ ref('rpt_symbols_set_aside') }}
    where is_whole_symbol

),

left_behind as (

    select count(distinct symbol) as symbols
    from {{ ref('fct_data_check_failures') }}
    where check_id = 'ends_before_the_others'

),

-- Of a gain, what rules out the minimum that was claimed is a no.
asked as (

    select
        metrics.*,
        claims.is_void,
        questions.question,
        rules.question_id,
        rules.position,
        rules.unit,
        rules.is_skill,
        rules.evidence_table,
        rules.reason,
        rules.yes_at as threshold,
        case when rules.is_gain then claims.minimum_gain else rules.no_at end as no_threshold,
        case when rules.better = 'less' then -1 else 1 end as sign,
        case when rules.better = 'less' then metrics.upper else metrics.lower end as least,
        case when rules.better = 'less' then metrics.lower else metrics.upper end as most,
        (metrics.upper - metrics.lower) / (2 * {{ reach }}) as standard_error
    from rules
    inner join questions
        on rules.question_id = questions.question_id
    inner join metrics
        on
            rules.metric = metrics.metric
            and (rules.subject is null or rules.subject = metrics.subject)
    inner join claims
        on metrics.claim_id = claims.claim_id

),

said as (

    select
        *,
        case
            when is_void then 'void'
            when value is null or least is null or most is null then 'unknown'
            when sign * most < sign * no_threshold then 'no'
            when sign * least > sign * threshold and (not is_skill or p_placebo <= 0.05) then 'yes'
            when sign * least > sign * threshold then 'as_placebos'
            else 'inconclusive'
        end as said
    from asked

),

-- A true value that far beyond the threshold, or beyond the placebos, gets a yes in four cases of five.
seen as (

    select
        *,
        threshold + sign * ({{ reach }} + {{ four_in_five }}) * standard_error as beyond_threshold,
        case when sign = 1 then placebo_q95 else placebo_q05 end
        + sign * {{ four_in_five }} * standard_error as beyond_placebos
    from said

),

judged as (

    select
        seen.*,
        case when seen.said in ('unknown', 'as_placebos') then 'inconclusive' else seen.said end as answer,
        case
            when seen.unit = 'p_value' then null
            when not seen.is_skill then seen.beyond_threshold
            else seen.sign * greatest(seen.sign * seen.beyond_threshold, seen.sign * seen.beyond_placebos)
        end as detectable,
        set_aside.symbols as symbols_set_aside,
        left_behind.symbols as symbols_left_behind
    from seen
    cross join set_aside
    cross join left_behind

),

final as (

    select
        {{ cast_columns() }}
    from judged

)

select * from final
