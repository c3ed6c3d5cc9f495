"""Land made-up bars of any number of symbols: ``python -m benchmarks.bars [--symbols 1000 --sessions 4000]``.

They land where WAREHOUSE_PATH and LANDING_PATH say, as bars of a source that splits its prices itself.
Nothing is to be learned of markets from them; they are there to be counted and timed. The same numbers asked
for, the same bars.
"""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from ingest.bars import BARS_SCHEMA, Bars
from ingest.calendar import session_dates
from ingest.landing import land
from ingest.load import load_landed
from plumbline.warehouse.connect import connect
from plumbline.warehouse.paths import landing_path, warehouse_path

LAST_SESSION = np.datetime64("2025-12-31")
SEED = 20251231
LANDED_AT = datetime(2026, 1, 5, tzinfo=UTC)
LATE = 0.2  # the share of symbols that list late
DEAD = "X0001"  # ends two years before the others
QUARTER = 63  # sessions between two dividends
DIVIDEND_YIELD = 0.004  # of the close, each quarter, where a symbol pays any


def made_up_bars(symbols: int, sessions: int) -> Iterator[Bars]:
    """Yield the bars of each symbol: a walk with a market in it, dividends and a split here and there."""
    dates = session_dates(1995, 2025)
    dates = dates[dates <= LAST_SESSION][-sessions:]
    market = np.random.default_rng(SEED).normal(0.0003, 0.009, sessions)
    for number in range(symbols):
        symbol = f"X{number:04d}"
        generator = np.random.default_rng([SEED, number])
        first = int(generator.integers(sessions * 3 // 4)) if generator.random() < LATE else 0
        last = sessions - 504 if symbol == DEAD else sessions
        yield Bars(symbol, _walk(generator, dates[first:last], market[first:last]))


def _walk(generator: np.random.Generator, dates: np.ndarray, market: np.ndarray) -> pa.Table:
    count = len(dates)
    returns = generator.uniform(0.5, 1.5) * market + generator.normal(0.0001, 0.012, count)
    close = np.round(generator.uniform(20, 200) * np.cumprod(1 + returns.clip(-0.15, 0.15)), 4)
    opening = close * (1 + generator.normal(0, 0.002, count))
    reach = np.abs(generator.normal(0, 0.006, (2, count)))
    dividends, splits = np.zeros(count), np.zeros(count)
    if generator.random() < 0.5:
        paying = np.arange(int(generator.integers(1, QUARTER)), count, QUARTER)
        dividends[paying] = np.round(DIVIDEND_YIELD * close[paying - 1], 4)
    if generator.random() < 0.1:
        splits[generator.integers(1, count)] = 2.0
    kept = np.ones(count)  # of the close before each session's dividend
    kept[1:] = 1 - dividends[1:] / close[:-1]
    after = np.append(np.cumprod(kept[:0:-1])[::-1], 1.0)  # all dividends to come
    volume = 10 ** generator.uniform(5, 7) * np.exp(generator.normal(0, 0.35, count))
    columns = {
        "row_number": np.arange(1, count + 1),
        "session_date": dates,
        "open": opening,
        "high": np.maximum(opening, close) * (1 + reach[0]),
        "low": np.minimum(opening, close) * (1 - reach[1]),
        "close": close,
        "adj_close": close * after,
        "volume": volume.astype(np.int64),
        "dividends": dividends,
        "splits": splits,
        "capital_gains": pa.nulls(count, pa.float64()),
    }
    return pa.table(columns, schema=BARS_SCHEMA)


def main() -> None:
    """Land the bars, and load them into schema raw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=1000)
    parser.add_argument("--sessions", type=int, default=4000)
    asked = parser.parse_args()
    landing_path().mkdir(parents=True, exist_ok=True)
    landed = land(
        landing_path(),
        made_up_bars(asked.symbols, asked.sessions),
        source="made_up",
        price_basis="split_adjusted",
        request=vars(asked),
        now=lambda: LANDED_AT,
    )
    with connect(warehouse_path()) as con:
        load_landed(con, landing_path())
    print(f"{len(landed.new):,} symbols landed in {landing_path()}")


if __name__ == "__main__":
    main()
