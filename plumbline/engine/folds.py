"""Walk-forward folds: which sessions of an asset, and of the portfolio, count (docs/method.md, section 3)."""

from collections.abc import Callable

import numpy as np
from numba import njit

from plumbline.engine.market import Market
from plumbline.engine.panel import ages
from plumbline.engine.types import Bools, Ints
from plumbline.engine.variants import Variant


def fold_years(market: Market, variant: Variant) -> Bools:
    """Return which years are folds of which asset, shape (years, assets).

    Carried sessions count as they stand: whether a later bar exists must not decide a fold.
    """
    return (market.train_sessions >= variant.min_train_sessions) & (
        market.test_sessions >= variant.min_test_sessions
    )


def _once(market: Market, variant: Variant, compute: Callable[[Market, Variant], np.ndarray]) -> np.ndarray:
    # What hangs on a variant's folds and warm-up alone is shared by all variants that have the same.
    key = (compute.__name__, variant.min_train_sessions, variant.min_test_sessions, variant.warm_up)
    return market.once(key, lambda: compute(market, variant))


def in_folds(market: Market, variant: Variant) -> Bools:
    """Return which sessions of an asset lie in its folds, shape (sessions, assets)."""
    return _once(market, variant, _in_folds)


@njit(cache=True, nogil=True)
def _of_years(is_fold, year_of, is_live, out):
    for t in range(out.shape[0]):
        for i in range(out.shape[1]):
            out[t, i] = is_fold[year_of[t], i] & is_live[t, i]


def _in_folds(market: Market, variant: Variant) -> Bools:
    is_live = market.panel.is_live
    out = np.empty(is_live.shape, bool)
    _of_years(fold_years(market, variant), market.year_of, is_live, out)
    return out


def stream_age(market: Market, variant: Variant) -> Ints:
    """Count the sessions of positions and streams since their start, shape (sessions, assets).

    Under `year` they start on the first session of each fold and are 0 outside the asset's folds.
    Under `continuous` they start on the first session of its first fold and run on, also through a
    last year that is too short to be a fold.
    """
    return _once(market, variant, _stream_age)


def _stream_age(market: Market, variant: Variant) -> Ints:
    folds = in_folds(market, variant)
    if variant.warm_up == "year":
        return market.age("year") * folds
    return ages(market.panel.is_live, may_begin=folds)


def portfolio_age(market: Market, variant: Variant) -> Ints:
    """Count the portfolio's sessions since their start, shape (sessions,); 0 before the first.

    Under `continuous` from the first session on which any asset is in a fold, under `year` from
    the first session of each year that is a fold of every asset.
    """
    return _once(market, variant, _portfolio_age)


def _portfolio_age(market: Market, variant: Variant) -> Ints:
    session = np.arange(len(market.year_of), dtype=np.int32)
    if not market.panel.symbols:
        return np.zeros_like(session)
    folds = fold_years(market, variant)
    if variant.warm_up == "year":
        age = session - market.first_of_year[market.year_of] + 1
        return np.where(folds.all(axis=1)[market.year_of], age, 0).astype(np.int32)
    any_in_fold = in_folds(market, variant).any(axis=1)
    if not any_in_fold.any():
        return np.zeros_like(session)
    return np.maximum(session - any_in_fold.argmax() + 1, 0).astype(np.int32)
