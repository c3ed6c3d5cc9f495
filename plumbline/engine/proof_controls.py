"""Planted leaks: a proof that never fires proves nothing, so each build runs every proof on one."""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np

from plumbline.engine.market import Market
from plumbline.engine.proof_worlds import World
from plumbline.engine.proofs import Case, Finding, executable, prove
from plumbline.engine.registry import Component, Values
from plumbline.engine.strategies import StrategyView
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant


def _tomorrow(view: StrategyView, parameters: Values) -> Floats:
    """Hold a part where there is a bar tomorrow, the larger, the further its price moves."""
    position = np.zeros(view.ret.shape)
    position[:-1] = np.where(view.is_live[1:], 0.25 + np.minimum(np.abs(view.ret[1:]), 0.75), 0.0)
    return position


def _level(view: StrategyView, parameters: Values) -> Floats:
    """Hold a part that hangs on the power of two below the price."""
    return np.where(view.is_live, np.frexp(np.nan_to_num(view.price))[1] % 32 / 32.0, 0.0)


def _open_a_file(view: StrategyView, parameters: Values) -> Floats:
    """Look into a file."""
    Path(os.devnull).read_text()
    return np.zeros(view.ret.shape)


def _read_the_environment(view: StrategyView, parameters: Values) -> Floats:
    """Look into the environment."""
    return np.full(view.ret.shape, float("PLUMBLINE_LEAK" in os.environ))


def _planted(market: Market) -> Iterator[tuple[str, str, str, Callable]]:
    """Yield proof, name, the bars that must show it, and the function of each planted strategy."""
    symbol, sessions = market.panel.symbols[0], market.panel.sessions

    def known_name(view: StrategyView, parameters: Values) -> Floats:
        return np.broadcast_to(np.array(view.symbols) == symbol, view.ret.shape).astype(float)

    def known_date(view: StrategyView, parameters: Values) -> Floats:
        is_known = np.isin(view.sessions, sessions)
        return np.broadcast_to(is_known[:, None], view.ret.shape).astype(float)

    calls = count()

    def counting(view: StrategyView, parameters: Values) -> Floats:
        return np.full(view.ret.shape, next(calls) % 32 / 32.0)

    yield "truncation", "reads_tomorrow", "", _tomorrow
    yield "levels", "reads_the_level", "", _level
    yield "names_and_dates", "knows_a_name", "renamed", known_name
    yield "names_and_dates", "knows_a_date", "moved", known_date
    yield "sealed", "opens_a_file", "", _open_a_file
    yield "sealed", "reads_the_environment", "", _read_the_environment
    yield "repeatable", "keeps_a_count", "run", counting
    yield "repeatable", "reads_changed_bars", "bars after", _tomorrow


def controls(market: Market, baseline: Variant, worlds: list[World]) -> Iterator[tuple[str, Finding]]:
    """Yield name and finding of every planted leak; none holds, or a proof is blind.

    Parameters
    ----------
    market
        The bars at hand.
    baseline
        Its folds start at once for this, so that short bars have some.
    worlds
        Those of the build.
    """
    if not worlds:
        return
    variant = baseline.changed(min_train_sessions=0, min_test_sessions=1, warm_up="continuous")
    for proof, name, words, function in _planted(market):
        found = Component("strategy", name, function, (), Path(__file__), 1, parts=True)
        own = [each for each in worlds if each.proof == proof and words in each.changed]
        for finding in prove(Case("strategy", name, variant, found), market, own):
            if finding.proof == proof:
                yield name, finding
    age = np.arange(1, len(market.ret) + 1)
    held = np.where(market.panel.is_live & (age[:, None] % 2 == 0), 1.0 / len(market.panel.symbols), 0.0)
    yield "earns_before_it_holds", executable(market, variant, held, age, (held * market.ret).sum(axis=1))
