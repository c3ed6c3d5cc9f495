"""Only what is new is asked for, and everything again where prices stand on another basis."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from bars_source import Source
from click.testing import Result
from yahoo_server import Yahoo, chart

from ingest.bars import Bars
from ingest.errors import InputError, NoBarsError
from ingest.incremental import fetch_new, other_basis
from ingest.landing import Landed
from ingest.manifests import by_symbol, read_manifests

LANDED = 30  # sessions of 2020 that land first
BEGIN = LANDED - 1 - 10  # the session that the overlap begins with


@pytest.fixture
def source(tmp_path: Path, sessions: pd.DatetimeIndex) -> Source:
    """Return a source of which the first sessions, but for the first five, have landed."""
    made = Source(tmp_path / "raw", [day.date() for day in sessions[:60]])
    made.run(LANDED, start=made.days[5])
    return made


def test_what_is_new_lands_with_the_overlap_before_it(source: Source) -> None:
    bars, landed = source.run(LANDED + 2)
    assert source.asked == [(source.days[BEGIN], None)]
    assert bars.table["session_date"].to_pylist() == source.days[BEGIN : LANDED + 2]
    assert bars.notes == (f"2 new sessions, after an overlap from {source.days[BEGIN]}",)
    assert landed.new == ["SPY"]
    assert source.in_force() == source.table(LANDED + 2)[5:].to_pylist()


def test_the_same_command_again_is_incremental(source: Source) -> None:
    source.run(LANDED + 1, start=source.days[5])
    assert source.asked == [(source.days[BEGIN], None)]


def test_a_repeated_overlap_lands_nothing(source: Source) -> None:
    source.run(LANDED + 2)
    for _ in range(2):
        bars, landed = source.run(LANDED + 2)
        assert source.asked == [(source.days[BEGIN + 2], None)]
        assert bars.table.num_rows == 11, "shorter than any batch"
        assert landed == Landed(None, [], ["SPY"])
        assert bars.notes == ("no new session",)


def test_a_short_history_overlaps_from_its_first_session(tmp_path: Path, source: Source) -> None:
    young = Source(tmp_path / "young", source.days)
    young.run(4)
    young.run(5)
    assert young.asked == [(source.days[0], None)]


@pytest.mark.parametrize(
    ("column", "change"), [("adj_close", 2e-7), ("adj_close", -2e-7), ("close", 2e-5), ("close", -0.5)]
)
def test_another_basis_reads_everything_again(column: str, change: float, source: Source) -> None:
    # As a dividend does: every price before the new session moves.
    before = getattr(source, column)
    setattr(source, column, np.where(np.arange(60) < LANDED, before * (1 + change), before))
    bars, landed = source.run(LANDED + 1)
    assert source.asked == [(source.days[BEGIN], None), (source.days[5], None)]
    assert bars.notes == ("re-read: adjustment changed",)
    assert landed.new == ["SPY"]
    assert bars.table["session_date"].to_pylist() == source.days[5 : LANDED + 1]
    assert source.in_force() == source.table(LANDED + 1)[5:].to_pylist(), "one basis"


def test_close_and_adjusted_close_moved_as_one_is_another_basis(source: Source) -> None:
    source.close, source.adj_close = source.close * (1 + 2e-5), source.adj_close * (1 + 2e-5)
    assert source.run(LANDED + 1)[0].notes == ("re-read: adjustment changed",)


def test_noise_within_the_thresholds_is_no_other_basis(source: Source) -> None:
    source.close, source.adj_close = source.close * (1 + 5e-6), source.adj_close * (1 + 5e-6 + 5e-8)
    _, landed = source.run(LANDED)
    assert source.asked == [(source.days[BEGIN], None)]
    assert landed.new == ["SPY"], "but the values of the overlap are others"
    assert source.run(LANDED)[1].new == []


def test_one_changed_session_of_the_overlap_is_enough(source: Source) -> None:
    source.adj_close[BEGIN] *= 1.001
    assert source.run(LANDED)[0].notes == ("re-read: adjustment changed",)
    assert source.run(LANDED)[1].new == []


def test_a_re_read_reaches_over_all_that_has_landed(source: Source) -> None:
    source.adj_close = source.adj_close * 0.99
    source.run(LANDED + 5, start=source.days[8], end=source.days[LANDED])
    assert source.asked[1] == (source.days[5], source.days[LANDED])
    assert source.in_force() == source.table(LANDED + 1)[5:].to_pylist()


def test_full_makes_one_batch_of_several_and_then_nothing(source: Source) -> None:
    source.run(LANDED + 2)
    for new in (["SPY"], []):
        bars, landed = source.run(LANDED + 2, full=True, start=source.days[5])
        assert source.asked == [(source.days[5], None)]
        assert (bars.table.num_rows, landed.new) == (LANDED - 3, new)


def test_what_a_re_read_finds_in_force_already_lands_nothing(source: Source) -> None:
    for name in ("days", "close", "adj_close", "volume"):
        setattr(source, name, getattr(source, name)[5:])  # the source has nothing before what landed first
    source.run(LANDED - 3)
    early = date(2019, 12, 2)
    bars, landed = source.run(LANDED - 3, start=early)
    assert source.asked == [(early, None)]
    assert (bars.table.num_rows, landed.new) == (LANDED - 3, [])


def test_rows_are_compared_with_the_newest_batch_of_their_session(source: Source) -> None:
    source.volume = source.volume + 7
    assert source.run(LANDED)[1].new == ["SPY"]
    assert source.run(LANDED)[1].new == [], "the first batch still says otherwise"
    source.volume = source.volume - 7
    assert source.run(LANDED)[1].new == ["SPY"], "a restatement taken back"


def test_a_session_that_is_missing_now_is_no_repetition(source: Source) -> None:
    source.days[LANDED - 3] = source.days[LANDED + 5]
    bars, landed = source.run(LANDED, end=source.days[LANDED])
    assert (bars.notes, landed.new) == (("no new session",), ["SPY"])
    assert len(source.in_force()) == LANDED - 5, "and is not lost"


def test_an_earlier_start_reads_everything_from_there(source: Source) -> None:
    source.run(LANDED, start=source.days[2], end=source.days[BEGIN])
    assert source.asked == [(source.days[2], source.days[LANDED - 1])]
    assert source.in_force() == source.table(LANDED)[2:].to_pylist()


def test_a_start_before_the_first_bar_is_asked_for_once(tmp_path: Path, source: Source) -> None:
    early = date(2019, 12, 2)
    source.run(LANDED, start=early)
    source.run(LANDED + 1, start=early)
    assert source.asked == [(source.days[BEGIN], None)]
    whole = Source(tmp_path / "whole", source.days)
    whole.run(LANDED)
    whole.run(LANDED, start=early)
    assert whole.asked == [(source.days[BEGIN], None)], "without --start everything was asked for"


def test_full_reads_everything(source: Source) -> None:
    source.run(LANDED, full=True)
    assert source.asked == [(None, None)]
    source.run(LANDED, start=date(2019, 1, 2))
    assert source.asked == [(source.days[BEGIN], None)], "and nothing is earlier than all"


def test_full_takes_its_range_as_it_is(source: Source) -> None:
    _, landed = source.run(LANDED, full=True, start=source.days[9], end=source.days[20])
    assert source.asked == [(source.days[9], source.days[20])]
    assert landed.new == ["SPY"]
    assert source.in_force() == source.table(LANDED)[9:21].to_pylist(), "what it leaves out is superseded"
    assert source.run(LANDED, full=True, start=source.days[9], end=source.days[20])[1].new == []


def test_what_full_left_out_before_its_start_comes_back_only_with_full(source: Source) -> None:
    """A recycled ticker: a crontab with its early --start must not join both lives again."""
    source.run(LANDED, full=True, start=source.days[9])
    early = source.days[2]
    source.run(LANDED + 1, start=early)
    assert source.asked == [(source.days[BEGIN], None)]
    source.adj_close = source.adj_close * 0.99
    bars, _ = source.run(LANDED + 2, start=early)
    assert source.asked == [(source.days[BEGIN + 1], None), (source.days[9], None)], "nor a change of basis"
    assert bars.notes == ("re-read: adjustment changed",)
    assert source.in_force() == source.table(LANDED + 2)[9:].to_pylist()
    newest = source.days[LANDED + 1]
    bars, _ = source.run(LANDED + 2, newest=newest, start=early)
    assert bars.table["session_date"].to_pylist() == source.days[9 : LANDED + 2]
    source.run(LANDED + 2, full=True, start=early)
    assert source.in_force() == source.table(LANDED + 2)[2:].to_pylist()


def test_a_re_read_without_full_replaces_nothing(source: Source) -> None:
    source.adj_close = source.adj_close * 0.99
    del source.days[LANDED - 3]  # a session that the source has forgotten is kept
    source.close, source.adj_close, source.volume = source.close[1:], source.adj_close[1:], source.volume[1:]
    source.run(LANDED)
    assert [manifest.get("replaces") for manifest in read_manifests(source.landing)] == [None, None]
    assert len(source.in_force()) == LANDED + 1 - 5


def test_no_data_of_what_has_landed_names_the_row_that_says_it_has_ended(source: Source) -> None:
    def nothing(symbol: str, **_: object) -> list[Bars]:
        raise NoBarsError(f"{symbol}: Yahoo has no bars of it")

    landed = by_symbol(read_manifests(source.landing))
    ask = partial(fetch_new, fetch=nothing, source="yahoo", landing=source.landing, newest=date(2026, 1, 2))
    row = f"SPY,{source.days[LANDED - 1]},no bars any more"
    for full in (False, True):
        with pytest.raises(
            NoBarsError, match=rf"SPY: Yahoo has no bars of it; .*seeds/ended_symbols\.csv.*{row}"
        ):
            ask("SPY", landed=landed, full=full)
    with pytest.raises(NoBarsError, match=r"no bars of it$"):
        ask("SPY", landed={})


def test_a_range_that_has_landed_is_not_asked_for_again(source: Source) -> None:
    bars, landed = source.run(LANDED, start=source.days[6], end=source.days[BEGIN - 1])
    assert (source.asked, landed.new) == ([], [])
    assert bars.table["session_date"].to_pylist() == source.days[6:BEGIN]
    with pytest.raises(InputError, match=r"with no bars from 2020-01-11 to 2020-01-12;.*--full"):
        source.run(LANDED, start=date(2020, 1, 11), end=date(2020, 1, 12))


def test_a_newest_session_that_has_landed_is_not_asked_for_again(source: Source) -> None:
    newest = source.days[LANDED - 1]
    for start in (None, source.days[5], newest):
        bars, landed = source.run(LANDED, newest=newest, start=start)
        assert (source.asked, landed.new) == ([], [])
        assert bars.notes == ("landed before, not asked for again",)
    assert source.run(LANDED + 1, newest=source.days[LANDED])[1].new == ["SPY"], "the next one is"
    source.run(LANDED + 1, newest=source.days[LANDED], full=True)
    assert source.asked == [(None, None)]
    with pytest.raises(InputError, match=r"SPY: it has landed from .*, with no bars from 2020-02-15 to the"):
        source.run(LANDED + 1, newest=source.days[LANDED], start=date(2020, 2, 15))


@pytest.mark.parametrize(("other", "asked"), [("files", None), ("sample", BEGIN)])
def test_the_newest_batch_decides(other: str, asked: int | None, source: Source) -> None:
    (bars,) = source.fetch(LANDED, "SPY", start=None, end=None)
    assert source.land(bars, other, {}).new == ["SPY"]
    source.run(LANDED)
    assert source.asked == [(asked and source.days[asked], None)]


def test_an_overlap_without_a_price_in_common_reads_everything_again(source: Source) -> None:
    source.days = [*source.days[:BEGIN], *source.days[LANDED:]]
    source.close, source.adj_close, source.volume = (
        source.close[:49],
        source.adj_close[:49],
        source.volume[:49],
    )
    assert source.run(BEGIN + 3)[0].notes == ("re-read: no landed session to compare with",)


def test_missing_prices_say_nothing_of_the_basis(source: Source) -> None:
    landed = source.table(5)
    missing = pa.array([None, 1.0, None, None, None], pa.float64())
    new = landed.set_column(landed.schema.get_field_index("close"), "close", missing)
    assert other_basis(landed, landed) is None
    assert other_basis(new, landed) == "adjustment changed"
    assert other_basis(new[2:], landed) == "no landed session to compare with"


def test_a_damaged_landed_file_is_named(source: Source) -> None:
    (path,) = source.landing.glob("*/SPY.parquet")
    path.write_bytes(b"damaged")
    with pytest.raises(InputError, match=rf"SPY cannot be compared .*{path} is damaged"):
        source.run(LANDED)


def test_the_command_line(yahoo: Yahoo, ingest: Callable[..., Result], query: Callable) -> None:
    factor = 1.0

    def answer(begin: int, end: int) -> dict:
        first = int(pd.Timestamp("2020-01-21", tz="America/New_York").timestamp())
        shape = chart("SPY", first, end)
        (result,) = shape["chart"]["result"]
        kept = [stamp >= begin for stamp in result["timestamp"]]
        result["events"] = {}
        columns = result["indicators"]["quote"][0] | result["indicators"]["adjclose"][0]
        columns["adjclose"] = [value * factor for value in columns["adjclose"]]
        cut = {
            name: [v for v, keep in zip(values, kept, strict=True) if keep]
            for name, values in columns.items()
        }
        result["timestamp"] = [stamp for stamp in result["timestamp"] if stamp >= begin]
        result["indicators"] = {"quote": [cut], "adjclose": [{"adjclose": cut["adjclose"]}]}
        return shape

    yahoo.answers["SPY"] = answer

    def run(end: str, *more: str) -> tuple[list[str], str]:
        yahoo.asked.clear()
        result = ingest("yahoo", "--symbols", "spy", "--end", end, *more)
        assert result.exit_code == 0, result.output
        begins = [pd.Timestamp(asked["period1"], unit="s", tz="America/New_York") for _, asked in yahoo.asked]
        return [str(begin.date()) for begin in begins], result.stdout

    assert run("2020-02-13", "--start", "2020-01-21")[0] == ["2020-01-21"]
    begins, shown = run("2020-02-14")
    assert begins == ["2020-01-30"]
    assert "1 new session, after an overlap from 2020-01-30" in shown
    begins, shown = run("2020-02-14")
    assert (begins, "landed before, not asked for again" in shown) == ([], True)
    assert "Nothing new has landed: 0 new, 1 unchanged." in shown
    factor = 0.999
    begins, shown = run("2020-02-18")
    assert begins == ["2020-01-31", "2020-01-21"]
    assert "re-read: adjustment changed" in shown
    assert run("2020-02-18", "--full", "--start", "2020-01-21")[0] == ["2020-01-21"]
    assert query("select count(*), count(distinct session_date) from raw.bars") == [(18 + 12 + 21, 21)]
