"""A house of its own for every test: an empty warehouse and landing folder, and bars to fill them with."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

import curl_cffi.requests
import duckdb
import exchange_calendars
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from yahoo_server import Clock, Yahoo, redirected, serve
from yfinance.data import SingletonMeta

from ingest import clock
from ingest.__main__ import main
from ingest.bars import Bars, make_bars
from ingest.columns import canonical_columns
from ingest.sources.pace import Pace
from ingest.sources.yahoo import fetch as fetch_from_yahoo
from ingest.sources.yahoo import open_session


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that the environment names as the place of warehouse and landing."""
    folder = tmp_path / "house"
    monkeypatch.setenv("WAREHOUSE_PATH", str(folder / "warehouse.duckdb"))
    monkeypatch.setenv("LANDING_PATH", str(folder / "raw"))
    return folder


@pytest.fixture
def ingest(house: Path) -> Callable[..., Result]:
    """Return the command line as a function: ``ingest("files", path)``."""

    def invoke(*arguments: object) -> Result:
        result = CliRunner().invoke(main, [str(each) for each in arguments])
        # Refusals leave through sys.exit; anything else is a traceback the user would have seen.
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


@pytest.fixture
def query(house: Path) -> Callable[..., list[tuple]]:
    """Return a function that queries the warehouse."""

    def run(sql: str) -> list[tuple]:
        with duckdb.connect(str(house / "warehouse.duckdb"), read_only=True) as con:
            return con.execute(sql).fetchall()

    return run


@pytest.fixture(scope="session")
def sessions() -> pd.DatetimeIndex:
    """Return the XNYS sessions of 2020."""
    return exchange_calendars.get_calendar("XNYS", start="2020-01-01", end="2020-12-31").sessions


@pytest.fixture
def frame(sessions: pd.DatetimeIndex) -> Callable[..., pd.DataFrame]:
    """Return a maker of bars in Yahoo's shape over the first sessions of 2020."""

    def build(rows: int = 5, level: float = 100.0) -> pd.DataFrame:
        close = [level + day / 4 for day in range(rows)]
        return pd.DataFrame(
            {
                "Date": sessions[:rows].strftime("%Y-%m-%d"),
                "Open": close,
                "High": [price + 1 for price in close],
                "Low": [price - 1 for price in close],
                "Close": close,
                "Adj Close": [price * 0.9 for price in close],
                "Volume": [1_000_000 + day for day in range(rows)],
            }
        )

    return build


@pytest.fixture
def bars(frame: Callable[..., pd.DataFrame]) -> Callable[..., Bars]:
    """Return a maker of canonical bars."""

    def make(symbol: str = "SPY", level: float = 100.0, rows: int = 5) -> Bars:
        columns = canonical_columns(pa.Table.from_pandas(frame(rows, level)), "a test")
        return make_bars(symbol, columns, "a test", today=date(2026, 1, 5))

    return make


@pytest.fixture
def csv(tmp_path: Path) -> Callable[[str, pd.DataFrame], Path]:
    """Return a writer of CSV files, all in one folder."""

    def write(name: str, table: pd.DataFrame) -> Path:
        path = tmp_path / "inputs" / name
        path.parent.mkdir(exist_ok=True)
        table.to_csv(path, index=False)
        return path

    return write


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return a clock that waiting moves on at once, in place of the real one."""
    made = Clock()
    monkeypatch.setattr(clock, "monotonic", made.monotonic)
    monkeypatch.setattr(clock, "wait", made.wait)
    return made


@pytest.fixture
def yahoo(patience: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Yahoo]:
    """Return what answers in place of Yahoo; nobody waits in earnest, and nobody else may be asked."""
    made = Yahoo()
    monkeypatch.setattr(SingletonMeta, "_instances", {})  # of yfinance: its session, cookie and crumb
    with serve(made):
        request = redirected(made.address, made.strangers, lambda: made.timeout)
        monkeypatch.setattr(curl_cffi.requests.Session, "request", request)
        yield made
    assert made.strangers == [], "only Yahoo is asked"


@pytest.fixture
def fetch(yahoo: Yahoo, patience: Clock) -> Callable[..., list[Bars]]:
    """Return the function that asks Yahoo for one symbol."""
    session = open_session(Pace(now=patience.monotonic, wait=patience.wait))
    return partial(fetch_from_yahoo, session=session)
