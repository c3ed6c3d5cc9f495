"""Walk-forward folds: which sessions of an asset, and of the portfolio, count (docs/method.md, section 3)."""

from collections.abc import Callable

import numpy as np

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


def _in_folds(market: Market, variant: Variant) -> Bools:
    return fold_years(market, variant)[market.year_of] & market.panel.is_live


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
        return np.where(folds, market.age("year"), 0).astype(np.int32)
    has_begun = np.logical_or.accumulate(folds, axis=0)
    return ages(has_begun & market.panel.is_live, np.zeros((1, 1), np.int32))


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
