"""The known answers of the embedded sample come from the twin, out of bars that anybody can look at.

Its shares are as traded, and so is their volume: the splits of those years are public (AAPL 2:1 on 2000-06-21
and 2005-02-28, MSFT 2:1 on 2003-02-18), and the twin is given volumes in shares of the first day.
"""

from datetime import date
from statistics import fmean

import pyarrow.parquet
import pytest
from twin import Twin
from twin_portfolio import build_portfolio, max_drawdown, measures
from warehouses import ROOT

from ingest.calendar import session_dates

SPLITS = {"AAPL": (date(2000, 6, 21), date(2005, 2, 28)), "MSFT": (date(2003, 2, 18),), "^GSPC": ()}
KNOWN = {
    # sharpe, max_drawdown, total_return, avg_leverage, sessions: docs/method.md, section 9
    "published": (0.894665, -0.128981, 0.879537, 0.831218, 2517),
    "baseline": (0.645555, -0.177466, 0.774482, 0.857588, 2558),
}


@pytest.fixture(scope="module")
def twin() -> Twin:
    raws = {}
    for symbol, splits in SPLITS.items():
        name = symbol.replace("^", "%5E")
        rows = pyarrow.parquet.read_table(ROOT / "ingest" / "sample" / f"{name}.parquet").to_pylist()
        raws[symbol] = {
            row["session_date"]: (
                row["adj_close"],
                row["volume"] / 2 ** sum(split <= row["session_date"] for split in splits),
            )
            for row in rows
        }
    first, last = min(raws["^GSPC"]), max(raws["^GSPC"])
    sessions = [day.item() for day in session_dates(first.year, last.year)]
    return Twin(raws, [day for day in sessions if first <= day <= last])


@pytest.mark.parametrize("name", KNOWN)
def test_the_twin_gives_the_known_answers_of_the_sample(twin, variant, name):
    found = build_portfolio(twin, variant(name))
    own = [t for t, value in enumerate(found.net_return) if value is not None]
    returns = [found.net_return[t] for t in own]
    measured = measures(returns)
    leverage = fmean(found.leverage[t] for t in own)
    answers = (measured["sharpe"], max_drawdown(returns, 1.0), measured["total_return"], leverage, len(own))
    assert answers == pytest.approx(KNOWN[name], abs=1e-6)


def test_relative_volume_is_on_one_share_basis(twin):
    """A 2:1 split doubles the shares that change hands at the same interest: 0.246, not 0.481."""
    t = twin.sessions.index(date(2005, 2, 28))
    volumes = [twin.bars["AAPL"].volume[k] for k in range(t - 9, t + 1)]
    assert volumes[-1] / fmean(volumes) == pytest.approx(0.246, abs=5e-4)
