"""What a portfolio has to beat: holdings that need no strategy, over the portfolio's sessions.

A benchmark is a function ``(view, parameters) -> holdings``: an array of shape (sessions, assets), or such
arrays by the suffix of a name.
"""

from collections.abc import Mapping

import numpy as np

from plumbline.engine.costs import earn, rates_of
from plumbline.engine.folds import in_folds, portfolio_age
from plumbline.engine.market import Market
from plumbline.engine.portfolio import sum_assets
from plumbline.engine.registry import Component, components
from plumbline.engine.targeting import target_leverage
from plumbline.engine.types import Bools, Floats
from plumbline.engine.variants import Variant
from plumbline.engine.view import View, as_floats, call, read_only, refuse_where


class BenchmarkView(View):
    """What a benchmark sees: the market, and the sessions and folds of the variant."""

    @property
    def is_session(self) -> Bools:
        """Whether a session is one of the portfolio's, (S, 1)."""
        return portfolio_age(self.market, self._variant)[:, None] > 0

    @property
    def in_folds(self) -> Bools:
        """Whether the asset is in a fold, (S, A)."""
        return read_only(in_folds(self.market, self._variant))

    def levered(self, holding: Floats) -> Floats:
        """Return `holding`, (S, A), under the variant's volatility target."""
        returns = held_returns(self.market, self._variant, holding)
        leverage = target_leverage(returns, portfolio_age(self.market, self._variant), self._variant)
        return leverage[:, None] * holding


def held_returns(market: Market, variant: Variant, holding: Floats) -> Floats:
    """Return the daily net returns of holdings, (S, A), at the variant's costs; 0 before the start."""
    age = portfolio_age(market, variant)[:, None]
    gross, cost = earn(holding, market.ret, age, rates_of(market, variant))
    return np.where(age[:, 0] > 0, sum_assets(gross) + sum_assets(cost), 0.0)


def benchmark_returns(market: Market, variant: Variant) -> dict[str, Floats]:
    """Return the daily net returns of every benchmark over the variant's sessions, (T,) each.

    Parameters
    ----------
    market
        What can be held.
    variant
        Gives folds, sessions and costs.
    """
    is_session = portfolio_age(market, variant) > 0
    returns = {}
    for name, found in components("benchmark").items():
        for suffix, holding in holdings_of(found, market, variant).items():
            returns[name + suffix] = held_returns(market, variant, holding)[is_session]
    return returns


def holdings_of(found: Component, market: Market, variant: Variant) -> dict[str, Floats]:
    """Ask a benchmark for its holdings, (sessions, assets), by suffix; ComponentError where they are none."""
    view = BenchmarkView(market, variant)
    said = call(found, view, variant.of(found))
    several = (
        {f"_{suffix}": held for suffix, held in said.items()} if isinstance(said, Mapping) else {"": said}
    )
    checked = {}
    for suffix, held in several.items():
        holding = as_floats(found, "holdings", held, market.ret.shape)
        refuse_where(found, view, ~np.isfinite(holding), holding, "holding", "a finite number")
        checked[suffix] = holding
    return checked


def equal_parts(held: Floats) -> Floats:
    """Return equal parts of whatever is held, (sessions, assets) of 0 and 1, that add up to 1."""
    return held / np.maximum(held.sum(axis=1, keepdims=True), 1.0)
