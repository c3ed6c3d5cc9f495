with

claims as (

    select * from {{ ref('dim_claims') }}

),

questions as (

    select * from {{ ref('questions') }}

),

verdicts as (

    select * from {{ ref('rpt_verdicts') }}

),

sentences as (

    select * from {{ ref('answer_sentences') }}

),

failures as (

    select * from {{ ref('rpt_claim_metrics') }}
    where metric = 'failure_share' and value > 0

),

-- The least favourable answer is the one to believe.
ranked as (

    select
        *,
        row_number() over (
            partition by claim_id, question_id
            order by
                case answer when 'void' then 1 when 'no' then 2 when 'inconclusive' then 3 else 4 end asc,
                position asc,
                subject asc
        ) as place
    from verdicts

),

deciding as (

    select * from ranked
    where place = 1

),

modes as (

    select
        claim_id,
        string_agg(
            replace(subject, '_', ' ') || ' (' || {{ in_words('value', "'share'") }} || ')',
            ', '
            order by value desc, subject asc
        ) as modes
    from failures
    where value >= 0.1
    group by claim_id

),

answered as (

    select
        claims.claim_id,
        claims.benchmark_id,
        claims.minimum_gain,
        claims.void_reason,
        questions.question_id,
        questions.question,
        questions.position,
        deciding.metric as deciding_metric,
        deciding.subject,
        deciding.said,
        deciding.unit,
        deciding.value,
        deciding.lower,
        deciding.upper,
        deciding.reference,
        deciding.p_placebo,
        deciding.detectable,
        case when claims.is_void then 'void' else coalesce(deciding.answer, 'inconclusive') end as answer,
        coalesce(modes.modes, 'none') as modes
    from claims
    cross join questions
    left join deciding
        on
            claims.claim_id = deciding.claim_id
            and questions.question_id = deciding.question_id
    left join modes
        on claims.claim_id = modes.claim_id

),

said as (

    select
        answered.*,
        case
            when answered.answer = 'void' then 'Void: ' || answered.void_reason || '.'
            when answered.deciding_metric is null then 'These bars, or this claim, do not raise the question.'
            else {{ fill_sentence('sentences.sentence', {
                '{value}': in_words('answered.value', 'answered.unit'),
                '{range}': in_words('answered.lower', 'answered.unit') ~ " || ' to ' || "
                    ~ in_words('answered.upper', 'answered.unit'),
                '{reference}': in_words('answered.reference', 'answered.unit'),
                '{sharpe}': in_words('answered.reference', "'sharpe'"),
                '{detectable}': in_words('answered.detectable', 'answered.unit'),
                '{minimum}': in_words('answered.minimum_gain', 'answered.unit'),
                '{p}': in_words('answered.p_placebo', "'share'"),
                '{unlike}': in_words('1 - answered.p_placebo', "'share'"),
                '{benchmark}': "replace(answered.benchmark_id, '_', ' ')",
                '{subject}': "replace(answered.subject, '_', ' ')",
                '{modes}': 'answered.modes',
            }) }}
        end as sentence
    from answered
    left join sentences
        on
            answered.deciding_metric = sentences.metric
            and answered.said = sentences.said

),

final as (

    select
        {{ cast_columns() }}
    from said

)

select * from final
