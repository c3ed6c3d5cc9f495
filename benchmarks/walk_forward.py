"""One walk-forward of `baseline`, from bars to the portfolio's daily returns."""

import sys
from typing import NamedTuple

import numpy as np

from benchmarks.inputs import baseline, random_panel
from benchmarks.measuring import Contender, Job
from benchmarks.pandas_line import net_returns
from plumbline.engine.line import run_line
from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant
from plumbline.warehouse.paths import PROJECT_ROOT


class Inputs(NamedTuple):
    """Bars, what is run on them, and a market that keeps its features from one run to the next."""

    panel: Panel
    variant: Variant
    market: Market


def prepare(assets: int) -> Inputs:
    """Return the inputs of a number of assets."""
    panel = random_panel(assets)
    return Inputs(panel, baseline(), Market(panel))


def _run(market: Market, variant: Variant) -> Floats:
    portfolio = run_line(market, variant).portfolio
    return portfolio.net_return[portfolio.age > 0]


def _twin(inputs: Inputs) -> Floats:
    """Run the twin that the tests hold the engine against: the method in plain Python, session by session."""
    folder = str(PROJECT_ROOT / "tests" / "python" / "engine")
    if folder not in sys.path:
        sys.path.append(folder)
    from twin import Twin
    from twin_portfolio import build_portfolio

    panel = inputs.panel
    days = panel.sessions.tolist()
    columns = zip(panel.symbols, panel.price.T.tolist(), panel.volume.T.tolist(), strict=True)
    raw = {
        symbol: dict(zip(days, zip(price, volume, strict=True), strict=True))
        for symbol, price, volume in columns
    }
    net = build_portfolio(Twin(raw, days), inputs.variant).net_return
    return np.array([value for value in net if value is not None])


JOB = Job(
    name="walk-forward",
    title="One walk-forward, from bars to the portfolio's returns",
    size="assets",
    sizes=(3, 30, 300, 1000),
    quick=(3, 10),
    cell="asset-session",
    prepare=prepare,
    cells=lambda inputs: inputs.panel.price.size,
    contenders=(
        Contender("engine", lambda inputs: _run(Market(inputs.panel), inputs.variant)),
        Contender("engine, features kept", lambda inputs: _run(inputs.market, inputs.variant)),
        Contender("plain pandas", lambda inputs: net_returns(inputs.panel, inputs.variant).to_numpy()),
        Contender("twin of the tests, session by session", _twin, largest=30),
    ),
)
