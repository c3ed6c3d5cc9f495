"""Ad-hoc SQL: macros that live in the file, questions that run as they stand, marts as files."""

import duckdb
import pandas as pd
import pytest
from warehouses import ROOT, python

ANALYSES = sorted((ROOT / "analyses").glob("*.sql"))


@pytest.fixture(scope="module")
def renamed(sample, tmp_path_factory):
    """Return a connection to a renamed copy, read only: the way a stranger opens the file."""
    other = tmp_path_factory.mktemp("renamed") / "somebody's copy.duckdb"
    other.write_bytes(sample.read_bytes())
    with duckdb.connect(str(other), read_only=True) as con:
        yield con


def test_macros_over_aggregates_equal_the_report(renamed):
    worst = renamed.execute(
        """
        with measured as (
            select
                variant_id,
                sharpe(net_return) as sharpe,
                annual_return(net_return) as annual_return,
                annual_volatility(net_return) as annual_volatility
            from marts.fct_portfolio_daily group by variant_id
        )
        select
            count(*),
            max(abs(measured.sharpe - performance.sharpe)),
            max(abs(measured.annual_return - performance.annual_return)),
            max(abs(measured.annual_volatility - performance.annual_volatility))
        from measured inner join marts.rpt_performance as performance using (variant_id)
        """
    ).fetchone()
    assert worst[0] == 14
    assert max(worst[1:]) < 1e-12


def test_a_stream_that_does_not_move_has_no_sharpe(renamed):
    sql = "select sharpe(r), annual_volatility(r), annual_return(r) from (select 0.01 as r from range(252))"
    sharpe, volatility, annual = renamed.execute(sql).fetchone()
    assert (sharpe, volatility) == (None, 0.0)
    assert annual == pytest.approx(1.01**252 - 1, rel=1e-12)


def test_drawdown_takes_the_name_of_any_table_of_returns(renamed):
    renamed.execute(
        "create temp view mine as select * from marts.fct_portfolio_daily where variant_id = 'baseline'"
    )
    worst = renamed.execute(
        """
        select count(*), max(abs(ours.equity - mine.equity)), max(abs(ours.drawdown - mine.drawdown))
        from drawdown('mine') as ours inner join mine using (session_date)
        """
    ).fetchone()
    assert worst[0] == 2558
    assert max(worst[1:]) < 1e-12
    deepest = renamed.execute("select max_drawdown('mine')").fetchone()
    report = "select max_drawdown from marts.rpt_performance where variant_id = 'baseline'"
    assert deepest == pytest.approx(renamed.execute(report).fetchone(), abs=1e-12)


def test_a_drawdown_starts_from_one(renamed):
    """Losing half on the first day is a drawdown of a half."""
    renamed.execute(
        "create temp view two as select * from (values (date '2020-01-02', -0.5), (date '2020-01-03', 0.1)) "
        "as days(session_date, net_return)"
    )
    assert renamed.execute("select equity, drawdown from drawdown('two')").fetchall() == [
        (0.5, -0.5),
        pytest.approx((0.55, -0.45)),
    ]


@pytest.mark.parametrize("name", ["fct_portfolio_daily", "fct_strategy_daily", "fct_benchmark_daily"])
def test_a_drawdown_of_several_streams_at_once_is_refused(renamed, name):
    """Fourteen variants one after the other made a drawdown of -0.81 that nobody had."""
    for sql in (f"select max_drawdown('marts.{name}')", f"select * from drawdown('marts.{name}')"):
        with pytest.raises(
            duckdb.InvalidInputException, match=rf"marts.{name} has \d+ rows of 20.*name a view"
        ):
            renamed.execute(sql).fetchall()


def test_a_loss_on_the_first_session_of_a_year_counts_from_one(renamed):
    """Beside the yearly drawdown of the published tables, whose peak starts after that session."""
    years = renamed.execute(
        "select year, max_drawdown, max_drawdown_from_one from marts.rpt_walkforward_portfolio "
        "where variant_id = 'baseline'"
    ).fetchall()
    assert any(from_one < from_first for _, from_first, from_one in years)
    for year, _, from_one in years:
        renamed.execute(
            "create or replace temp view one_year as select * from marts.fct_portfolio_daily "
            f"where variant_id = 'baseline' and year(session_date) = {year}"
        )
        assert renamed.execute("select max_drawdown('one_year')").fetchone() == pytest.approx(
            (from_one,), abs=1e-12
        )


def test_curves_and_comparisons_name_variants(renamed):
    curve = renamed.execute("select count(*), min(drawdown) from equity_curve('published')").fetchone()
    report = "select sessions, max_drawdown from marts.rpt_performance where variant_id = 'published'"
    assert curve == renamed.execute(report).fetchone()
    compared = renamed.execute(
        "select measure, a, b, change from compare('baseline', 'published')"
    ).fetchall()
    assert len(compared) == 9
    by_name = {name: (a, b, change) for name, a, b, change in compared}
    assert by_name["sharpe"] == pytest.approx((0.645555, 0.894665, 0.249110), abs=1e-6)


@pytest.mark.parametrize("path", ANALYSES, ids=lambda path: path.stem)
def test_every_analysis_runs_as_it_stands_and_answers(renamed, path):
    sql = path.read_text()
    assert sql.startswith("-- ") and "?" in sql.splitlines()[0] + sql.splitlines()[1], "it asks a question"
    relation = renamed.execute(sql)
    rows = relation.fetchall()
    assert rows
    assert all(any(value is not None for value in row) for row in rows)


def test_there_is_a_dozen_of_them():
    assert len(ANALYSES) >= 12


@pytest.mark.parametrize(("kind", "read"), [("parquet", pd.read_parquet), ("csv", pd.read_csv)])
def test_marts_are_exported_as_files(sample, tmp_path, query, kind, read):
    folder = tmp_path / "it's out"
    tables = ["--tables", "rpt_performance", "fct_bars_daily"]
    command = ["-m", "plumbline", "export", "--format", kind, "--to", str(folder), *tables]
    done = python(*command, warehouse=sample)
    assert done.returncode == 0, done.stderr
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    bars = {f"bars/{name}.{kind}" for name in ("AAPL", "MSFT", "%5EGSPC")}
    assert written == {f"rpt_performance.{kind}", f"fct_bars_daily.{kind}", *bars}
    sharpe = dict(query(sample, "select variant_id, sharpe from marts.rpt_performance"))
    assert read(folder / f"rpt_performance.{kind}").set_index("variant_id")["sharpe"].to_dict() == sharpe
    assert set(read(folder / "bars" / f"AAPL.{kind}")["symbol"]) == {"AAPL"}


def test_an_unknown_table_is_named_with_those_there_are(sample, tmp_path):
    done = python(
        "-m", "plumbline", "export", "--to", str(tmp_path), "--tables", "rpt_sharpe", warehouse=sample
    )
    assert done.returncode == 1
    assert "no table rpt_sharpe in schema marts; there are: dim_assets" in done.stderr
    assert "Traceback" not in done.stderr
