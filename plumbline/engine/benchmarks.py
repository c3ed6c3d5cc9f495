"""What a portfolio has to beat: cash, each asset held, equal weights, always long under the same risk."""

import numpy as np

from plumbline.engine.allocator import target_leverage
from plumbline.engine.market import Market, in_folds, portfolio_age
from plumbline.engine.portfolio import sum_assets
from plumbline.engine.strategies import earn
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant

CASH = "cash"
EQUAL_WEIGHT = "equal_weight"
ALWAYS_LONG = "always_long"
BUY_AND_HOLD = "buy_and_hold_"


def benchmark_returns(market: Market, variant: Variant) -> dict[str, Floats]:
    """Return the daily net returns of every benchmark over the variant's sessions, (T,) each.

    Parameters
    ----------
    market
        What can be held.
    variant
        Gives folds, sessions and costs; its cost_basis is `net`. Holding an asset costs its entry on the
        first session; equal weights are those of the assets that trade, rebalanced at the cost of what
        the weights change by; always long are equal parts of the assets in their folds, from the first
        session on, under the variant's volatility target.
    """
    age = portfolio_age(market, variant)[:, None]
    is_session = age > 0

    def held(weight: Floats) -> Floats:
        gross, cost = earn(weight, market.ret, age, variant.cost)
        return np.where(is_session[:, 0], sum_assets(gross) + sum_assets(cost), 0.0)

    trading = (market.panel.is_live & is_session).astype(np.float64)
    alone = {
        f"{BUY_AND_HOLD}{symbol}": held(np.where(np.arange(len(market.panel.symbols)) == i, trading, 0.0))
        for i, symbol in enumerate(market.panel.symbols)
    }
    long = _equal_parts((in_folds(market, variant) & is_session).astype(np.float64))
    leverage = target_leverage(held(long), age[:, 0], variant)
    returns = {
        CASH: np.zeros(len(age)),
        **alone,
        EQUAL_WEIGHT: held(_equal_parts(trading)),
        ALWAYS_LONG: held(leverage[:, None] * long),
    }
    return {name: values[is_session[:, 0]] for name, values in returns.items()}


def _equal_parts(held: Floats) -> Floats:
    return held / np.maximum(held.sum(axis=1, keepdims=True), 1.0)
