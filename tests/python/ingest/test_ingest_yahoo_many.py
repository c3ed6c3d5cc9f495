"""Many symbols: they land in batches, in the order asked for, and an interruption costs one batch at most."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from yahoo_server import DELISTED, DOWN, LIMITED, Reply, Yahoo, chart

from ingest import clock, gather, landing
from ingest.calendar import session_dates
from ingest.manifests import landed_batches, read_manifests
from ingest.verify import verify_landed

Ingest = Callable[..., Result]
Query = Callable[[str], list[tuple]]

RANGE = ("--start", "2020-01-02", "--end", "2020-01-08")
MANY = [f"S{number:02}" for number in range(8)]
CLIENT = Path(__file__).parent / "yahoo_client.py"


@pytest.fixture
def threes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let three symbols make a batch."""
    monkeypatch.setattr(gather, "SYMBOLS_A_BATCH", 3)


def by_batch(house: Path) -> list[list[str]]:
    """Return the symbols of each batch, oldest first."""
    return [[entry["symbol"] for entry in each["symbols"]] for each in read_manifests(house / "raw")]


def content(house: Path) -> dict[str, str]:
    """Return the content of each symbol, which must have landed once."""
    entries = [entry for each in read_manifests(house / "raw") for entry in each["symbols"]]
    assert len(entries) == len({entry["symbol"] for entry in entries})
    return {entry["symbol"]: entry["content_sha256"] for entry in entries}


def start(yahoo: Yahoo, hook: str, *arguments: str, size: int = 3) -> subprocess.Popen:
    """Start the command line in a process of its own."""
    command = [sys.executable, str(CLIENT), yahoo.address, str(size), hook, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.usefixtures("threes")
def test_symbols_land_in_batches(yahoo: Yahoo, ingest: Ingest, house: Path, query: Query) -> None:
    yahoo.default, yahoo.answers = {}, {"S04": DELISTED}
    result = ingest("yahoo", "--symbols", *MANY, *RANGE)
    assert result.exit_code == 1
    assert by_batch(house) == [MANY[:3], ["S03", "S05"], MANY[6:]]
    assert [each["request"]["symbols"] for each in read_manifests(house / "raw")] == [
        MANY[:3], MANY[3:6], MANY[6:],
    ]  # fmt: skip
    assert "Landed 3 batches: 7 new, 0 unchanged, 1 failed." in result.stdout
    assert query("select count(*), count(distinct symbol) from raw.bars") == [(35, 7)]


@pytest.mark.usefixtures("threes")
def test_what_lands_does_not_depend_on_who_answers_first(
    yahoo: Yahoo, ingest: Ingest, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(symbol: str, seconds: float) -> Callable[[int, int], dict]:
        def answer(begin: int, end: int) -> dict:
            time.sleep(seconds)
            return chart(symbol, begin, end)

        return answer

    landed = []
    for seed in range(3):
        waits = np.random.default_rng(seed).uniform(0, 0.05, len(MANY))
        yahoo.answers = {symbol: late(symbol, wait) for symbol, wait in zip(MANY, waits, strict=True)}
        monkeypatch.setenv("LANDING_PATH", str(house / str(seed)))
        result = ingest("yahoo", "--symbols", *MANY, *RANGE)
        rows = [line.split()[0] for line in result.stdout.splitlines() if line.strip().startswith("S0")]
        assert rows == MANY, "the summary keeps the order asked for"
        landed.append([each["batch_id"] for each in read_manifests(house / str(seed))])
    assert landed[0] == landed[1] == landed[2] and len(landed[0]) == 3


def test_several_are_asked_for_at_a_time(yahoo: Yahoo, ingest: Ingest) -> None:
    under_way, most = [], []

    def answer(begin: int, end: int) -> dict:
        under_way.append(1)
        most.append(len(under_way))
        time.sleep(0.1)
        under_way.pop()
        return {}

    yahoo.default = answer
    ingest("yahoo", "--symbols", *MANY, *RANGE)
    assert max(most) == gather.WORKERS


@pytest.mark.usefixtures("threes")
def test_a_rate_limit_keeps_what_came_and_the_next_run_goes_on(
    yahoo: Yahoo, ingest: Ingest, house: Path, query: Query
) -> None:
    def limited(begin: int, end: int) -> Reply:
        while "S03" not in yahoo.symbols:  # an answer to a later request would begin the row of refusals anew
            time.sleep(0.01)
        return LIMITED

    yahoo.default = {}
    yahoo.answers = dict.fromkeys(MANY[4:], limited)
    result = ingest("yahoo", "--symbols", *MANY, *RANGE)
    assert result.exit_code == 1
    assert by_batch(house) == [MANY[:3], ["S03"]], "what came of the batch under way lands, too"
    assert "4 of 8 not read (S04, S05, S06, S07): Yahoo limits the rate of requests" in result.stderr
    assert "Landed 2 batches: 4 new" in result.stdout
    assert query("select count(distinct symbol) from raw.bars") == [(4,)], "and is loaded"

    yahoo.answers, yahoo.asked = {}, []
    result = ingest("yahoo", "--symbols", *MANY, *RANGE)
    assert result.exit_code == 0
    assert sorted(yahoo.symbols) == MANY[4:], "nothing is asked for that has landed"
    assert "Landed 2 batches: 4 new, 4 unchanged." in result.stdout
    assert sorted(content(house)) == MANY


@pytest.mark.usefixtures("threes")
def test_ctrl_c_keeps_what_landed(
    yahoo: Yahoo, ingest: Ingest, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = landing._publish, []

    def interrupted(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*arguments)

    yahoo.default = {}
    with monkeypatch.context() as patch:
        patch.setattr(landing, "_publish", interrupted)
        result = ingest("yahoo", "--symbols", *MANY, *RANGE)
    assert result.exit_code == 130
    assert "5 of 8 not read (S03, S04, S05, S06, S07): interrupted; what has landed stays" in result.stderr
    assert by_batch(house) == [MANY[:3]]
    yahoo.asked.clear()
    assert ingest("yahoo", "--symbols", *MANY, *RANGE).exit_code == 0
    assert sorted(yahoo.symbols) == MANY[3:]


# The signal comes to another thread, so that it wakes no main thread that waits: as does one that comes in
# the instant before the main thread begins to wait.
WAKES_NOBODY = """
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
"""


@pytest.mark.parametrize("hook", ["", WAKES_NOBODY], ids=["at rest", "wakes nobody"])
def test_ctrl_c_does_not_wait_for_those_who_wait(yahoo: Yahoo, house: Path, hook: str) -> None:
    yahoo.default = LIMITED._replace(headers={"Retry-After": "200"})
    waits = "clock.wait = lambda stopped, seconds: stopped.wait(20)"
    process = start(yahoo, hook + waits, "yahoo", "--symbols", *MANY, *RANGE)
    assert "asking again in 200 s" in process.stderr.readline()
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130, errors
    assert time.monotonic() - begun < 10 and "Traceback" not in errors
    assert not house.exists()


def test_a_kill_costs_one_batch(yahoo: Yahoo, ingest: Ingest, house: Path) -> None:
    yahoo.default = {}
    process = start(yahoo, "kill_at(landing, '_publish', 2)", "yahoo", "--symbols", *MANY, *RANGE)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert by_batch(house) == [MANY[:3]]
    yahoo.asked.clear()
    assert ingest("yahoo", "--symbols", *MANY, *RANGE).exit_code == 0
    assert sorted(yahoo.symbols) == MANY[3:]
    assert sorted(content(house)) == MANY and not verify_landed(house / "raw").faults


@pytest.mark.usefixtures("threes")
def test_a_landing_that_fails_says_what_is_safe(
    yahoo: Yahoo, ingest: Ingest, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def full_disk(begin: int, end: int) -> dict:
        monkeypatch.setattr(landing, "write", fail)
        return {}

    yahoo.default, yahoo.answers = {}, {"S04": full_disk}
    result = ingest("yahoo", "--symbols", *MANY, *RANGE)
    assert result.exit_code == 1
    assert "Landed batch" in result.stdout and "3 new" in result.stdout
    assert "Error: nothing more has landed: cannot write to" in result.stderr
    assert by_batch(house) == [MANY[:3]]


def test_after_the_next_close_what_is_new_is_asked_for(
    yahoo: Yahoo, ingest: Ingest, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at(hour: int) -> None:
        monkeypatch.setattr(clock, "utc_now", lambda: datetime(2020, 1, 8, hour, 30, tzinfo=UTC))

    yahoo.default = lambda begin, end: chart("SPY", begin, min(end, begin + 7 * 86_400))
    at(20)
    ingest("yahoo", "--symbols", "SPY", "--start", "2020-01-02")
    ingest("yahoo", "--symbols", "SPY", "--start", "2020-01-02")
    assert len(yahoo.asked) == 1, "the session of the 8th has not closed yet"
    at(21)
    assert "1 new session" in ingest("yahoo", "--symbols", "SPY", "--start", "2020-01-02").stdout
    ingest("yahoo", "--symbols", "SPY", "--start", "2020-01-02")
    assert len(yahoo.asked) == 2
    ingest("yahoo", "--symbols", "SPY", "--start", "2020-01-02", "--full")
    assert len(yahoo.asked) == 3, "and everything with --full"


def long_history() -> str:
    """Return an answer of 7,500 bars, for any range: so much that holding it outweighs a process's noise."""
    stamps = (session_dates(1990, 2019).astype("datetime64[s]").astype(int) + 52_200).tolist()
    prices = [100 + number / 128 for number in range(len(stamps))]
    quote = dict.fromkeys(("open", "high", "low", "close"), prices) | {"volume": [10] * len(stamps)}
    shape = chart("SPY", 1_577_941_200, 1_578_546_000)
    shape["chart"]["result"][0] |= {
        "timestamp": stamps,
        "events": {},
        "indicators": {"quote": [quote], "adjclose": [{"adjclose": prices}]},
    }
    return json.dumps(shape)


@pytest.fixture
def memory(yahoo: Yahoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[float]]:
    """Return a function that ingests so many long histories, and returns the megabytes that were used.

    By the process and by Arrow in it until everything has landed, and by the process until it was loaded.
    """
    yahoo.default = long_history()

    def used(count: int, size: int) -> list[float]:
        monkeypatch.setenv("LANDING_PATH", str(tmp_path / str(count) / "raw"))
        monkeypatch.setenv("WAREHOUSE_PATH", str(tmp_path / str(count) / "warehouse.duckdb"))
        symbols = [f"S{number:03}" for number in range(count)]
        hook = "import atexit; say_memory_before_loading(); atexit.register(say_memory)"
        process = start(yahoo, hook, "yahoo", "--symbols", *symbols, "--end", "2019-12-31", size=size)
        out, errors = process.communicate()
        assert (process.returncode, f"{count} new" in out) == (0, True), errors
        before, after = errors.splitlines()  # and nothing else is said of a run without faults
        return [float(number) for number in (*before.split()[1:], after.split()[1])]

    return used


def test_memory_does_not_grow_with_the_symbols(memory: Callable[..., list[float]]) -> None:
    few, few_arrow, _ = memory(4, 2)
    many, many_arrow, _ = memory(28, 2)
    held = 24 * 7_500 * 9 * 8 / 2**20  # what so many more symbols would take, at the least
    assert many_arrow - few_arrow < held / 5
    assert many - few < held


@pytest.mark.soak
def test_memory_of_five_hundred_symbols(memory: Callable[..., list[float]]) -> None:
    few, few_arrow, few_loaded = memory(100, 50)
    many, many_arrow, many_loaded = memory(500, 50)
    assert many_arrow - few_arrow < 5
    assert many - few < 50, "400 more symbols would take 200 MB and more"
    assert many_loaded - many < 350, "what DuckDB may take, and a little"
    assert few_loaded - few < 350


@pytest.mark.soak
def test_five_hundred_symbols_through_faults_and_kills(
    yahoo: Yahoo, house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    symbols = [f"S{number:03}" for number in range(500)]
    arguments = ("yahoo", "--symbols", *symbols, *RANGE)
    yahoo.default = {}
    process = start(yahoo, "", *arguments, size=50)
    process.communicate()
    assert process.returncode == 0
    undisturbed = content(house)
    assert len(landed_batches(house / "raw")) == 10

    monkeypatch.setenv("LANDING_PATH", str(tmp_path / "faults" / "raw"))
    monkeypatch.setenv("WAREHOUSE_PATH", str(tmp_path / "faults" / "warehouse.duckdb"))
    random = np.random.default_rng(7)
    faults = [None] * 12 + [LIMITED, DOWN, DOWN._replace(cut_after=3), "{", DELISTED._replace(status=503)]

    def answer(begin: int, end: int) -> object:
        fault = faults[random.integers(len(faults))]
        return {} if fault is None else fault

    yahoo.default = answer
    raw = tmp_path / "faults" / "raw"
    killed, known, landed = 0, set(), {}
    while len(landed) < len(symbols):
        yahoo.asked.clear()
        process = start(yahoo, f"kill_after({random.uniform(2, 5)})", *arguments, size=50)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        assert not {*landed} & {*yahoo.symbols}, "nothing is asked for that has landed"
        assert known <= landed_batches(raw)
        known, landed = landed_batches(raw), content(tmp_path / "faults")
    assert killed >= 2
    assert landed == undisturbed and not verify_landed(raw).faults
    yahoo.asked.clear()
    process = start(yahoo, "", *arguments, size=50)
    out, errors = process.communicate()
    assert (process.returncode, yahoo.asked, "500 unchanged" in out) == (0, [], True), errors
