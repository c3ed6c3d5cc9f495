"""A run of the whole line, boiled down to a few numbers (docs/method.md, section 7)."""

from typing import NamedTuple

import numpy as np

from plumbline.engine.line import Line
from plumbline.engine.market import Market
from plumbline.engine.measures import (
    annual_return,
    annual_turnover,
    annual_volatility,
    max_drawdown,
    mean,
    sharpe,
    total_return,
)
from plumbline.engine.portfolio import Portfolio, sum_assets
from plumbline.engine.types import Bools, Floats


class Summary(NamedTuple):
    """A portfolio over its whole life (docs/method.md, section 7); NaN where unknown."""

    sessions: int
    sharpe: float
    total_return: float
    annual_return: float
    annual_volatility: float
    max_drawdown: float
    avg_leverage: float
    avg_gross_exposure: float
    annual_turnover: float


class StateMix(NamedTuple):
    """Shares of the states in each calendar year, over all assets and sessions in folds.

    `year` is of shape (years,), `share` of shape (years, states), cash first.
    """

    year: np.ndarray
    share: Floats


def measure(net: Floats, leverage: Floats, holding: Floats, starts: Bools) -> Summary:
    """Measure a portfolio over its own sessions.

    Parameters
    ----------
    net, leverage : ndarray of shape (sessions,)
    holding : ndarray of shape (sessions, assets)
    starts : bool ndarray of shape (sessions,)
        Where the holding before is 0: the first session, and each one on which all starts afresh.
    """
    return Summary(
        sessions=len(net),
        sharpe=sharpe(net),
        total_return=total_return(net),
        annual_return=annual_return(net),
        annual_volatility=annual_volatility(net),
        max_drawdown=max_drawdown(net),
        avg_leverage=mean(leverage),
        avg_gross_exposure=mean(sum_assets(np.abs(holding))),
        annual_turnover=annual_turnover(holding, starts),
    )


def summarise(portfolio: Portfolio) -> Summary:
    """Measure a portfolio over its own sessions."""
    own = portfolio.age > 0
    return measure(
        portfolio.net_return[own], portfolio.leverage[own], portfolio.holding[own], portfolio.age[own] == 1
    )


def state_mix(market: Market, line: Line, states: int) -> StateMix:
    """Count each of a number of states, in each year that has any."""
    years, cells = len(market.years), line.allocation.is_reported
    year_of = np.broadcast_to(market.year_of[:, None], cells.shape)[cells]
    state = line.allocation.state[cells]
    counts = np.bincount(year_of * states + state, minlength=years * states).reshape(years, states)
    known = counts.sum(axis=1) > 0
    return StateMix(market.years[known], counts[known] / counts[known].sum(axis=1, keepdims=True))


def state_agreement(market: Market, line: Line, base_market: Market, base: Line) -> float:
    """Return the share of sessions and assets, in folds of both, on which both name the same state."""
    if market is base_market:
        return _agreement(line, base, np.s_[:, :], np.s_[:, :])
    _, here, there = np.intersect1d(market.panel.sessions, base_market.panel.sessions, return_indices=True)
    symbols = [symbol for symbol in market.panel.symbols if symbol in base_market.panel.symbols]
    ours = np.ix_(here, [market.panel.symbols.index(symbol) for symbol in symbols])
    theirs = np.ix_(there, [base_market.panel.symbols.index(symbol) for symbol in symbols])
    return _agreement(line, base, ours, theirs)


def _agreement(line: Line, base: Line, ours: tuple, theirs: tuple) -> float:
    both = line.allocation.is_reported[ours] & base.allocation.is_reported[theirs]
    agree = line.allocation.state[ours] == base.allocation.state[theirs]
    return float(agree[both].mean()) if both.any() else np.nan
