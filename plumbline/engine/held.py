"""One portfolio over its own sessions, whether it comes from a line in memory or from tables."""

from typing import NamedTuple

import numpy as np

from plumbline.engine.line import Line
from plumbline.engine.market import Market
from plumbline.engine.types import Bools, Floats, Ints
from plumbline.engine.variants import Variant
from plumbline.engine.windows import lagged


class HeldLine(NamedTuple):
    """One portfolio over its own T sessions and A assets.

    (T,): `equity`; `leverage` that acts on the session, and the `unlevered` return it acts on.
    (T, A): `holding` at the close, `gross` and `cost` (≤ 0) of its contribution, `gross_state` and
    `cost_state` that each belongs to, `ret` of the asset, and whether it `is_live`.
    """

    equity: Floats
    leverage: Floats
    unlevered: Floats
    holding: Floats
    gross: Floats
    cost: Floats
    gross_state: np.ndarray
    cost_state: np.ndarray
    ret: Floats
    is_live: Bools


def held_line(market: Market, variant: Variant, line: Line) -> HeldLine:
    """Return the portfolio of a line over its own sessions."""
    portfolio, state = line.portfolio, line.allocation.state
    is_own = portfolio.age > 0
    age = portfolio.age[is_own][:, None]
    gross_state, cost_state = states_that_act(state[is_own], age, variant)
    return HeldLine(
        np.cumprod(1.0 + portfolio.net_return[is_own]),
        lagged(portfolio.leverage[is_own], age[:, 0], variant.leverage_lag),
        portfolio.unlevered_return[is_own],
        *(values[is_own] for values in (portfolio.holding, portfolio.gross, portfolio.cost)),
        gross_state,
        cost_state,
        market.ret[is_own],
        market.panel.is_live[is_own],
    )


def states_that_act(state: np.ndarray, age: Ints, variant: Variant) -> tuple[np.ndarray, np.ndarray]:
    """Return the states that the two parts of a contribution belong to (docs/method.md, section 7).

    Parameters
    ----------
    state : integer ndarray of shape (sessions, assets)
        Of each close.
    age : integer ndarray of shape (sessions, 1)
        Sessions since the portfolio starts.
    variant
        Whose state it is.
    """
    if variant.cost_basis == "strategy":
        acting = lagged(state, age, variant.state_lag)
        return acting, acting
    return lagged(state, age, 1), state
