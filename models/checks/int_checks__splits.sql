-- Moves that look like a split which the past is not adjusted for, or twice, with what speaks for it and
-- against it.
-- Where the source tells a split, the price of its session is held against it, whatever its size. Where it
-- does not, any gap of the size of a ratio n:m from 1.15 up is looked at: n:m with n and m up to 50 is
-- everywhere, so that the evidence decides. A split gaps at the open, stays to the close and beyond it, and
-- leaves the traded value (price times shares) as it was; a crash or a squeeze trades several times as much.
-- Without volume only a ratio that splits really have is taken for one.
{%- set ratios = [1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9] + range(10, 51) | list %}
with

-- A price below zero, which an override may let pass, has no logarithm.
bars as (

    select * from {{ ref('int_checks__series') }}
    where least(close, adj_close, previous_close, previous_adj_close) > 0

),

thresholds as (

    select * from {{ ref('int_checks__thresholds') }}
    where check_id = 'split_not_adjusted'

),

moves as (

    select
        symbol,
        session_date,
        session_number,
        adj_close,
        previous_adj_close,
        splits,
        traded_value,
        ln(ret_1d + 1) as move,
        case
            when price_basis = 'split_adjusted' and close / previous_close > 0 then ln(close / previous_close)
        end as close_move,
        case
            when isfinite(open) and open * adjustment_factor / previous_adj_close > 0
                then ln(open * adjustment_factor / previous_adj_close)
        end as gap,
        case
            when splits > 0 and splits != 1 and isfinite(splits) then ln(splits)
        end as told
    from bars
    where
        ret_1d + 1 > 0
        and (
            ret_1d + 1 not between 0.875 and 1.145
            or (splits > 0 and splits != 1)
        )

),

-- The bars about each: what is usual before it and after it.
beside_others as (

    select
        moves.symbol,
        moves.session_date,
        median(
            case
                when others.session_number < moves.session_number and others.traded_value > 0
                    then others.traded_value
            end
        ) as value_before,
        count(
            case when others.session_number < moves.session_number and others.traded_value > 0 then 1 end
        ) as values_before,
        median(
            case
                when others.session_number > moves.session_number and others.traded_value > 0
                    then others.traded_value
            end
        ) as value_after,
        median(
            case when others.ret_1d between -0.13 and 0.15 then abs(ln(others.ret_1d + 1)) end
        ) * 1.4826 as usual_move,
        median(
            case
                when others.session_number between moves.session_number - 5 and moves.session_number - 1
                    then others.adj_close
            end
        ) as level_before,
        median(
            case
                when others.session_number between moves.session_number + 1 and moves.session_number + 5
                    then others.adj_close
            end
        ) as level_after
    from moves
    inner join bars as others
        on
            moves.symbol = others.symbol
            and others.session_number between moves.session_number - 25 and moves.session_number + 25
            and moves.session_number != others.session_number
    group by moves.symbol, moves.session_date

),

evidence as (

    select
        moves.*,
        beside_others.usual_move,
        ln(beside_others.level_after / beside_others.level_before) as shift,
        moves.traded_value / case
            when beside_others.values_before >= 10 then beside_others.value_before
            else coalesce(beside_others.value_after, beside_others.value_before)
        end as value_ratio,
        exp(abs(coalesce(moves.gap, moves.move))) as ratio,
        case
            {%- for ratio in ratios %}
            when
                abs(abs(moves.move) - ln({{ ratio }}))
                < {{ 0.1 if ratio >= 3 else 0.035 if ratio == 2 else 0.02 }}
                then ln({{ ratio }})
            {%- endfor %}
        end as usual_ratio
    from moves
    inner join beside_others
        on
            moves.symbol = beside_others.symbol
            and moves.session_date = beside_others.session_date

),

judged as (

    select
        evidence.*,
        coalesce(isfinite(evidence.value_ratio) and evidence.value_ratio > 0, false) as has_volume,
        coalesce(evidence.shift / evidence.move between 0.6 and 1.6, true) as is_lasting,
        coalesce(evidence.close_move / evidence.move between 0.7 and 1.4, true) as is_in_close,
        thresholds.threshold
    from evidence
    inner join thresholds
        on evidence.symbol = thresholds.symbol

),

told_splits as (

    select
        *,
        case
            when abs(told) <= 3 * coalesce(usual_move, 0.02) then null
            when abs(move + told) < 0.3 * abs(told) and abs(coalesce(gap, move) + told) < 0.3 * abs(told)
                then 'split_not_adjusted'
            when abs(move - told) < 0.3 * abs(told) and abs(coalesce(gap, move) - told) < 0.3 * abs(told)
                then 'split_adjusted_twice'
        end as check_id
    from judged
    where told is not null

),

untold_splits as (

    select
        *,
        case when move < 0 then 'split_not_adjusted' else 'split_adjusted_twice' end as check_id
    from judged
    where
        told is null
        and is_lasting
        and abs(move) < ln(50.5)
        -- Where the adjusted close moves alone it may be for a payout of any size.
        and (is_in_close or usual_ratio >= ln(2))
        -- In a panic such moves are nothing unusual.
        and abs(move) > least(case when gap is null then 9 else 6 end * coalesce(usual_move, 0.02), 0.6)
        and case
            when has_volume and gap is not null
                then
                    abs(gap) > ln(1.12)
                    and abs(move) > ln(1.15)
                    and gap * move > 0
                    and abs(move - gap) < least(0.12, 0.35 * abs(gap))
                    and value_ratio < case when abs(gap) < 0.35 then 0.6 else 1 end * threshold
            when has_volume
                then
                    abs(move) > ln(1.15)
                    and value_ratio < case when abs(move) < 0.35 then 0.6 else 1 end * threshold
            when gap is not null
                then
                    abs(abs(gap) - usual_ratio) < 0.05
                    and gap * move > 0
            else usual_ratio is not null
        end

),

splits as (

    select * from told_splits
    where check_id is not null
    union all
    select * from untold_splits

),

final as (

    select
        symbol,
        session_date,
        check_id,
        exp(move) as observed,
        'adj_close ' || adj_close || ' after ' || previous_adj_close || case
            when told is not null then ' on a split of ' || splits || ', which the past is '
            else ', the gap of a split of about ' || {{ ratio_name('ratio') }} || ' that the past is '
        end
        || case check_id when 'split_not_adjusted' then 'not adjusted for' else 'adjusted for twice' end
        || case
            when not has_volume and gap is null then ' (no volume and no open to tell it from a crash)'
            when not has_volume then ' (no volume to tell it from a crash)'
            when gap is null then ' (no open to see whether it came over night)'
            else ''
        end as detail
    from splits

)

select * from final
