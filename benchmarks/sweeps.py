"""A sweep: the Sharpe ratio of many variants of `baseline` on the same bars."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from benchmarks.inputs import baseline, random_panel
from benchmarks.measuring import Contender, Job
from plumbline.engine.line import run_line
from plumbline.engine.market import Market
from plumbline.engine.measures import sharpe
from plumbline.engine.perturbations import Draws, joint
from plumbline.engine.portfolio import Portfolio
from plumbline.engine.sweep import sweep, together
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant

VARIANTS = 24


class Inputs:
    """Bars, and `baseline` with all of its parameters moved at random, so many times."""

    def __init__(self, assets: int, variants: int = VARIANTS) -> None:
        self.market = Market(random_panel(assets))
        drawn = joint(baseline(), self.market, Draws(variants, seed=assets))
        self.variants = [each.variant for each in drawn]

    @cached_property
    def portfolios(self) -> list[Portfolio]:
        """What each variant holds, for those who only do the accounts of given holdings."""
        return [run_line(self.market, variant).portfolio for variant in self.variants]

    @property
    def cells(self) -> int:
        """Asset-sessions, once for every variant."""
        return self.market.panel.price.size * len(self.variants)


def sweep_rate(market: Market, variants: Sequence[Variant]) -> Floats:
    """Return the Sharpe ratio of each variant, one line after the other, over features that they share."""
    return np.array([_sharpe(run_line(market, variant).portfolio) for variant in variants])


def side_by_side(market: Market, variants: Sequence[Variant]) -> Floats:
    """Return the Sharpe ratio of each variant, all of them at once."""
    found = np.empty(len(variants))
    for places, base, changed, _ in together(market, variants):
        found[places] = sweep(market, base, changed).measures["sharpe"]
    return found


def _sharpe(portfolio: Portfolio) -> float:
    return sharpe(portfolio.net_return[portfolio.age > 0])


def _accounts(inputs: Inputs) -> Floats:
    """Do the accounts of given holdings with vectorbt: its nearest job; it has no walk-forward to run.

    Its costs are of the equity that is left after them, and it borrows nothing: the ratios differ by some
    1e-4, and by more where the engine's leverage is above 1.
    """
    import pandas as pd
    import vectorbt as vbt

    panel = inputs.market.panel
    held = np.hstack([np.nan_to_num(portfolio.holding) for portfolio in inputs.portfolios])
    group = np.repeat(np.arange(len(inputs.variants)), len(panel.symbols))
    columns = pd.MultiIndex.from_arrays([group, np.tile(panel.symbols, len(inputs.variants))])
    close = pd.DataFrame(np.tile(panel.price, len(inputs.variants)), panel.sessions, columns)
    accounts = vbt.Portfolio.from_orders(
        close,
        size=pd.DataFrame(held, close.index, columns),
        size_type="targetpercent",
        fees=np.repeat([variant.cost_bps / 10_000 for variant in inputs.variants], len(panel.symbols)),
        group_by=group,
        cash_sharing=True,
        call_seq="auto",
        freq="1D",
    )
    net = accounts.returns().to_numpy()
    ages = (portfolio.age > 0 for portfolio in inputs.portfolios)
    return np.array([sharpe(net[age, number].copy()) for number, age in enumerate(ages)])


JOB = Job(
    name="accounts",
    title=f"A sweep of {VARIANTS} variants over one panel, features made beforehand",
    size="assets",
    sizes=(3, 97, 300),
    quick=(3, 10),
    cell="asset-session of a variant",
    prepare=Inputs,
    cells=lambda inputs: inputs.cells,
    contenders=(
        Contender("engine, line by line", lambda inputs: sweep_rate(inputs.market, inputs.variants)),
        Contender("vectorbt, accounts of given holdings", _accounts, needs="vectorbt"),
    ),
)

MANY = Job(
    name="sweep",
    title="A sweep of 4,096 variants at 3 assets, 1,024 at 97, 512 at 300",
    size="assets",
    sizes=(3, 97, 300),
    quick=(3,),
    cell="asset-session of a variant",
    prepare=lambda assets: Inputs(assets, 4096 if assets <= 3 else 1024 if assets <= 97 else 512),
    cells=lambda inputs: inputs.cells,
    contenders=(
        Contender("engine, side by side", lambda inputs: side_by_side(inputs.market, inputs.variants)),
        Contender("engine, line by line", lambda inputs: sweep_rate(inputs.market, inputs.variants)),
    ),
)
