"""A fault costs what it touches: damaged symbols are set aside, the others build as if they were alone."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from damaged_warehouse import canonical
from donors import LEVELS, read_donors
from warehouses import python

from ingest.bars import make_bars
from ingest.landing import land

NOW = datetime(2026, 3, 24, 22, tzinfo=UTC)
CORE = ("--exclude", "tag:robustness", "--publish-partial")
SINCE = date(2019, 1, 2)


def cents(bars: pd.DataFrame, t: int) -> pd.DataFrame:
    """Go on in another unit."""
    bars.loc[t:, LEVELS] *= 100
    return bars


def gap(bars: pd.DataFrame, t: int) -> pd.DataFrame:
    """Lose nine sessions in a row."""
    return bars.drop(index=range(t, t + 9))


def weekly(bars: pd.DataFrame, t: int) -> pd.DataFrame:
    """Keep the last bar of each week."""
    weeks = pd.to_datetime(bars["date"]).dt.to_period("W")
    return bars.groupby(weeks.to_numpy()).tail(1)


def untold_split(bars: pd.DataFrame, t: int) -> pd.DataFrame:
    """Leave the past unadjusted for a split of 3:1."""
    bars.loc[: t - 1, LEVELS] *= 3
    bars.loc[: t - 1, "volume"] = (bars.loc[: t - 1, "volume"] / 3).round()
    return bars


def falling_factor(bars: pd.DataFrame, t: int) -> pd.DataFrame:
    """Put the adjusted past on another basis."""
    bars.loc[: t - 1, "adj_close"] *= 1.2
    return bars


DAMAGES = {
    cents: {"gap_over_limit", "unit_break"},
    gap: {"gap_over_limit"},
    weekly: {"not_daily"},
    untold_split: {"split_not_adjusted"},
    falling_factor: {"adjustment_factor_falls"},
}


def histories(shared: Path) -> dict[str, pd.DataFrame]:
    """Return 97 real histories from 2019 on."""
    donors = read_donors(shared).histories
    names = sorted(set(donors) - {"SPY", "AAPL", "MSFT"})
    return {name: donors[name][donors[name]["date"] >= SINCE].reset_index(drop=True) for name in names}


def damaged(sound: dict[str, pd.DataFrame], rng: np.random.Generator) -> dict[str, tuple]:
    """Return twenty of them, damaged, and by what."""
    long = [name for name, bars in sound.items() if len(bars) > 1_500 and bars["volume"].all()]
    names = sorted(rng.choice(long, 20, replace=False))
    kinds = [*DAMAGES] * 4
    return {
        name: (kind, kind(sound[name].copy(), calm(rng, sound[name])))
        for name, kind in zip(names, kinds, strict=True)
    }


def calm(rng: np.random.Generator, bars: pd.DataFrame) -> int:
    """Return a row of a usual day, where a split that nobody told cannot be taken for a crash."""
    value = bars["close"] * bars["volume"]
    usual = (value / value.shift().rolling(20).median()).between(0.7, 1.3)
    quiet = (
        usual
        & (bars["close"].pct_change().abs() < 0.01)
        & ((bars["open"] / bars["close"].shift() - 1).abs() < 0.01)
    )
    inside = quiet[(quiet.index > 300) & (quiet.index < len(bars) - 300)]
    return int(rng.choice(inside.index[inside]))


def landed(folder: Path, bars: dict[str, pd.DataFrame]) -> Path:
    made = (make_bars(name, canonical(rows), name, today=NOW.date()) for name, rows in bars.items())
    land(folder / "raw", made, source="files", price_basis="split_adjusted", request={}, now=lambda: NOW)
    return folder / "warehouse.duckdb"


def build(warehouse: Path, *arguments: str):
    return python("-m", "plumbline", "build", *CORE, *arguments, warehouse=warehouse)


def content(warehouse: Path, kept: set[str]) -> dict[str, tuple]:
    """Return a fingerprint of every mart, of the rows of `kept` where it has symbols."""
    found = {}
    with duckdb.connect(str(warehouse), read_only=True) as con:
        con.execute("create temp table kept as select unnest(?) as symbol", [sorted(kept)])
        for (name,) in con.execute(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        ).fetchall():
            columns = [
                column
                for (column,) in con.execute(
                    "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = ?",
                    [name],
                ).fetchall()
            ]
            of_kept = "where symbol in (from kept)" if "symbol" in columns else ""
            # A batch of other symbols has another name.
            values = ", ".join(
                "regexp_replace(detail, 'batch [0-9a-f]{16}', 'batch') as detail"
                if column == "detail"
                else column
                for column in columns
                if not column.endswith("batch_id")
            )
            found[name] = con.execute(
                f"select count(*), bit_xor(hash(rows)), sum(cast(hash(rows) as hugeint)) "
                f"from (select {values} from marts.{name} {of_kept}) as rows"
            ).fetchone()
    return found


@pytest.fixture(scope="module")
def both(shared, tmp_path_factory):
    """Return the warehouse of 97 with twenty damaged ones among them, that of the 77 alone, and the build."""
    sound = histories(shared)
    broken = damaged(sound, np.random.default_rng(12))
    mixed = landed(
        tmp_path_factory.mktemp("mixed"), sound | {name: rows for name, (_, rows) in broken.items()}
    )
    alone = landed(tmp_path_factory.mktemp("alone"), {n: b for n, b in sound.items() if n not in broken})
    done = build(mixed)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert build(alone).returncode == 0
    return mixed, alone, broken, done.stdout


def test_the_others_are_what_they_would_be_alone(both, query):
    mixed, alone, broken, _ = both
    kept = {symbol for (symbol,) in query(alone, "select symbol from marts.dim_assets")}
    assert len(kept) == 77
    here, there = content(mixed, kept), content(alone, kept)
    assert here.keys() == there.keys()
    assert {name for name in here if here[name] != there[name]} == set()
    assert here["fct_holdings_daily"][0] > 100_000
    assert not kept & set(broken)


def test_each_damaged_symbol_is_set_aside_by_name_and_reason(both, query):
    mixed, _, broken, printed = both
    rows = query(mixed, "select symbol, check_id, message, way_out from marts.rpt_symbols_set_aside")
    reasons = {}
    for symbol, check, message, way_out in rows:
        reasons.setdefault(symbol, set()).add(check)
        assert re.match(r"\d{4}-\d\d-\d\d: ", message)
        assert f"python -m ingest files {symbol}.csv --replace" in way_out
        assert symbol in printed
    assert reasons.keys() == broken.keys()
    for symbol, (kind, _) in broken.items():
        assert DAMAGES[kind] <= reasons[symbol], (symbol, kind.__name__, reasons[symbol])
    for table in ("dim_assets", "fct_bars_daily", "fct_features_daily", "fct_holdings_daily", "dim_folds"):
        assert not {s for (s,) in query(mixed, f"select distinct symbol from marts.{table}")} & set(broken)


def test_strict_stops_and_leaves_the_published_warehouse(both, query):
    mixed, _, broken, _ = both
    before = mixed.read_bytes()
    done = build(mixed, "--strict")
    assert done.returncode == 1
    said = " ".join(done.stdout.split())
    assert any(f"{symbol} 20" in said for symbol in broken)
    assert "way out: python -m ingest files" in said
    assert mixed.read_bytes() == before


def test_a_part_of_what_has_landed(both, query):
    mixed, *_ = both
    alive = query(mixed, "select symbol from marts.dim_assets order by symbol limit 2")
    names = [symbol for (symbol,) in alive]
    done = build(mixed, "--symbols", *names)
    assert done.returncode == 0, done.stdout[-4000:]
    assert query(mixed, "select symbol from marts.dim_assets order by symbol") == alive
    assert query(mixed, "select count(*) from marts.rpt_symbols_set_aside") == [(0,)]


def test_where_none_is_left_the_build_stops_and_says_why_of_each(both, query):
    mixed, _, broken, _ = both
    names = sorted(broken)[:2]
    done = build(mixed, "--symbols", *names)
    assert done.returncode == 1
    said = " ".join(done.stdout.split())
    for name in names:
        assert re.search(rf"{re.escape(name)}: \w+ \(20\d\d-\d\d-\d\d: ", said), said[-3000:]
