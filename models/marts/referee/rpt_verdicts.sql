{#- Normal quantiles: an interval of 95 % reaches 1.96 standard errors either way, 0.84 more see it in four of five. -#}
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

-- Of a gain, what rules out the minimum that was claimed is a no. Whatever is better when less is turned round.
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

judged as (

    select
        said.*,
        case when said.said in ('unknown', 'as_placebos') then 'inconclusive' else said.said end as answer,
        case
            when said.unit = 'p_value' then null
            when not said.is_skill then said.threshold + said.sign * ({{ reach }} + {{ four_in_five }}) * said.standard_error
            when said.sign = 1 then greatest(
                said.threshold + ({{ reach }} + {{ four_in_five }}) * said.standard_error,
                said.placebo_q95 + {{ four_in_five }} * said.standard_error
            )
            else least(
                said.threshold - ({{ reach }} + {{ four_in_five }}) * said.standard_error,
                said.placebo_q05 - {{ four_in_five }} * said.standard_error
            )
        end as detectable,
        set_aside.symbols as symbols_set_aside,
        left_behind.symbols as symbols_left_behind
    from said
    cross join set_aside
    cross join left_behind

),

final as (

    select
        {{ cast_columns() }}
    from judged

)

select * from final
