"""The line reproduces what others published and what the method's known answers say."""

import json
from pathlib import Path

import pytest

PUBLISHED = json.loads(Path(__file__).with_name("published_tables.json").read_text())

REAL = {
    # sharpe, max_drawdown, total_return, avg_leverage, sessions
    "published": (1.799206, -0.083887, 5.394622, 0.851704, 3520),
    "baseline": (1.237561, -0.131687, 4.308369, 0.841492, 3520),
}
SAMPLE = {
    "published": (0.894665, -0.128981, 0.879537, 0.831218, 2517),
    "baseline": (0.645555, -0.177466, 0.774482, 0.857588, 2558),
}
PERFORMANCE = """
    select sharpe, max_drawdown, total_return, avg_leverage, sessions
    from marts.rpt_performance where variant_id = ?
"""


@pytest.mark.parametrize("variant", SAMPLE)
def test_sample_meets_its_known_answers_on_any_machine(sample, query, variant):
    assert query(sample, PERFORMANCE, variant)[0] == pytest.approx(SAMPLE[variant], abs=1e-6)


@pytest.mark.parametrize("variant", REAL)
def test_real_bars_meet_the_known_answers(real, query, variant):
    assert query(real, PERFORMANCE, variant)[0] == pytest.approx(REAL[variant], abs=1e-6)


def test_97_symbols_meet_the_known_answer(universe, query):
    sharpe, *_, sessions = query(universe, PERFORMANCE, "baseline")[0]
    assert sessions == 3520
    assert sharpe == pytest.approx(0.594962, abs=1e-6)


STRATEGY = """
    select year, sharpe, total_return, max_drawdown, days_in_market
    from marts.rpt_walkforward_strategy
    where variant_id = 'published' and symbol = 'SPY' and strategy = ? order by year
"""
ALLOCATOR = """
    select year, sharpe, total_return, max_drawdown, pct_trend, pct_meanrev, pct_cash
    from marts.rpt_walkforward_allocator
    where variant_id = 'published' and symbol = 'SPY' order by year
"""


@pytest.mark.parametrize(
    ("table", "sql", "parameters"),
    [
        ("spy_trend_by_year", STRATEGY, ["trend"]),
        ("spy_meanrev_by_year", STRATEGY, ["meanrev"]),
        ("spy_allocator_by_year", ALLOCATOR, []),
    ],
)
def test_published_tables_are_reproduced(real, query, table, sql, parameters):
    published = PUBLISHED[table]
    ours = query(real, sql, *parameters)
    assert [row[0] for row in ours] == [row["year"] for row in published]
    for mine, theirs in zip(ours, published, strict=True):
        _, sharpe, *rest = theirs.values()
        assert mine[1] == (sharpe if sharpe is None else pytest.approx(sharpe, abs=1e-4)), theirs["year"]
        assert mine[2:] == pytest.approx(tuple(rest), abs=1e-5), theirs["year"]


def test_extreme_days_of_spy_are_the_published_ones(real, query):
    published = PUBLISHED["spy_extreme_days"]
    ours = query(
        real,
        """
        select cast(session_date as varchar), ret_1d from marts.fct_bars_daily
        where symbol = 'SPY' and abs(ret_1d) > 0.05 order by ret_1d
        """,
    )
    assert [day for day, _ in ours] == [row["date"] for row in published]
    assert [ret for _, ret in ours] == pytest.approx([row["ret_1d"] for row in published], abs=1e-5)
