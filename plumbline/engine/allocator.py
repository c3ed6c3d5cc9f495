"""Running allocators: which strategy an asset follows today (docs/method.md, sections 5 and 6).

An allocator is a function ``(view, parameters, legs) -> choice``. Its parameters that name a strategy are
what it chooses among: choice k > 0 is the k-th of them, choice 0 is cash.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.costs import earn, rates_of
from plumbline.engine.folds import in_folds, stream_age
from plumbline.engine.market import Market
from plumbline.engine.registry import Component
from plumbline.engine.targeting import target_leverage
from plumbline.engine.types import Bools, Floats, Ints
from plumbline.engine.variants import Variant, chosen, followed
from plumbline.engine.view import View, absent_symbols, as_floats, call, refuse_outside, refuse_where
from plumbline.engine.windows import lagged

CASH = 0


class Leg(NamedTuple):
    """A strategy that can be followed: its positions and its stream in two parts, (sessions, assets).

    The `Streams` of a strategy have the same three, and stand for it in a line.
    """

    position: Floats
    gross: Floats
    cost: Floats


class Choice(NamedTuple):
    """What an allocator says at each close.

    `state` is the choice, (sessions, assets); `shares`, (choices, sessions, assets), of an allocator that
    follows several at once, is what each gets, in the order of the choices; the rest is cash.
    """

    state: np.ndarray
    shares: Floats | None = None


class Allocation(NamedTuple):
    """The allocator's rows, shape (sessions, assets).

    `age` counts the sessions of the asset stream; `is_reported` is true inside the asset's folds;
    `state` indexes `states_of`; `exposure` lies in [-1, 1]; `gross` and `cost` add up to the asset stream m.
    `leverage` and `target_return` are the asset's own volatility targeting, NaN unless the variant
    warms up by `year`.
    """

    age: Ints
    is_reported: Bools
    state: np.ndarray
    exposure: Floats
    gross: Floats
    cost: Floats
    leverage: Floats
    target_return: Floats


def state_name(strategy: str) -> str:
    """Return the state that follows a strategy."""
    return strategy.upper()


def states_of(variant: Variant) -> tuple[str, ...]:
    """Return the states of a variant, by choice: cash, then one for each strategy that it follows."""
    return ("CASH", *map(state_name, followed(variant)))


def choose(market: Market, variant: Variant, legs: tuple[Leg, ...]) -> Choice:
    """Ask the variant's allocator, and hold what it says to the choices that it has.

    Where a parameter names an asset that the panel lacks (a sweep leaves each out), it chooses cash.

    Raises
    ------
    ComponentError
        It fails, or returns something else than choices, or shares of 0 or more that add up to 1 at most.
    """
    found, view = chosen(variant, "allocator"), View(market, variant)
    if absent_symbols(found, view):
        return Choice(np.full(market.ret.shape, CASH, np.int8))
    said = call(found, view, variant.of(found), legs)
    if found.shares:
        said = said if isinstance(said, Choice) else Choice(None, said)
        shares = _checked_shares(found, view, said.shares, len(legs))
        largest = np.where(shares.any(axis=0), shares.argmax(axis=0) + 1, CASH)
        return Choice(
            _checked_state(found, view, largest if said.state is None else said.state, len(legs)), shares
        )
    return Choice(_checked_state(found, view, said, len(legs)))


@njit(cache=True, nogil=True)
def _as_codes(said, choices, out):
    """Write whole numbers from 0 to `choices` to `out`; return whether all are."""
    wrong = 0
    for j in range(said.size):
        code = np.int8(min(max(said[j], 0), choices))
        out[j] = code
        wrong += said[j] != code
    return not wrong


def _checked_state(found: Component, view: View, said: Any, choices: int) -> np.ndarray:
    shape = view.ret.shape
    if isinstance(said, np.ndarray) and said.dtype.kind in "iu" and said.shape == shape:
        state = np.empty(shape, np.int8)
        if _as_codes(said.ravel(), choices, state.ravel()):
            return state
    state = as_floats(found, "choices", said, shape)
    rule = f"a whole number from 0 (cash) to {choices}"
    refuse_outside(found, view, state, (0.0, float(choices)), "choice", rule, is_whole=True)
    return state.astype(np.int8)


def _checked_shares(found: Component, view: View, said: Any, choices: int) -> Floats:
    shares = as_floats(found, "shares", said, (choices, *view.ret.shape))
    total = shares.sum(axis=0)
    is_legal = (shares >= 0.0).all(axis=0) & (total <= 1.0 + 1e-12)
    refuse_where(found, view, ~is_legal, total, "sum of the shares", "1 at most, and no share below 0")
    return shares


def state_shares(state: np.ndarray, age: Ints, code: int, sessions: int) -> Floats:
    """Return the share of the last sessions in state `code`; none before a start counts.

    Parameters
    ----------
    state : integer ndarray of shape (sessions, assets)
    age : integer ndarray of shape (sessions, assets)
        Sessions since the history starts, 0 where the asset has no row.
    code, sessions : int
        The state, and how many sessions are looked at.
    """
    share = np.zeros(state.shape)
    is_code = (state == code).astype(np.float64)
    for k in range(sessions - 1, -1, -1):
        share += lagged(is_code, age, k)
    return share / sessions


@njit(cache=True, nogil=True)
def _take(state, code, value, rows, out):
    for j in range(out.size):
        is_followed = rows[j] & (state[j] == code)
        # The first strategy writes what no other has: 0.
        before = out[j] if code > 1 else 0.0
        now = value[j]
        out[j] = now if is_followed else before


def _follow(state: np.ndarray, values: Sequence[Floats], rows: Bools) -> Floats:
    """Pick each session's value from the strategy its state names, 0 in cash and outside `rows`."""
    out = np.empty(state.shape) if values else np.zeros(state.shape)
    for code, value in enumerate(values, start=1):
        _take(state.ravel(), code, value.ravel(), rows.ravel(), out.ravel())
    return out


def allocate(
    market: Market, variant: Variant, legs: tuple[Leg, ...], choice: Choice | None = None
) -> Allocation:
    """Choose a state for each asset and session and follow the strategy that it names.

    Parameters
    ----------
    market, variant
        What it runs on, and with which parameters.
    legs
        The strategies that can be followed, in the order of the choices.
    choice
        What to follow instead of the allocator's own choice.
    """
    age, is_reported = stream_age(market, variant), in_folds(market, variant)
    state, shares = choose(market, variant, legs) if choice is None else choice
    if shares is not None:
        parts = (share * leg.position for share, leg in zip(shares, legs, strict=True))
        exposure = np.where(is_reported, sum(parts, np.zeros(state.shape)), 0.0)
    else:
        exposure = _follow(state, [leg.position for leg in legs], is_reported)
    if variant.cost_basis == "strategy":
        known = lagged(state, market.age(variant.warm_up), variant.state_lag)
        gross = _follow(known, [leg.gross for leg in legs], age > 1)
        cost = _follow(known, [leg.cost for leg in legs], age > 1)
    else:
        gross, cost = earn(exposure, market.ret, age, rates_of(market, variant))
    leverage = target_return = np.broadcast_to(np.nan, state.shape)
    if variant.warm_up == "year":
        leverage = target_leverage(gross + cost, age, variant)
        target_return = leverage * (gross + cost)
    return Allocation(age, is_reported, state, exposure, gross, cost, leverage, target_return)
