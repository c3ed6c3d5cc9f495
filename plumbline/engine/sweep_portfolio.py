"""The portfolio of many variants at once: streams, weights, leverage, returns and measures in one pass.

What `plumbline.engine.portfolio` computes for one variant in arrays of (sessions, assets), for eight
variants of equal windows side by side, in blocks of sessions that stay in the cache: the very additions
in the same order, so every result is equal bit for bit. It holds for cost_basis `net`, cap `exact`,
warm_up `continuous`, positions of 0 or 1 and one rate for all trades.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.features import SESSIONS_PER_YEAR
from plumbline.engine.lanes import load, mask_at, quotient, root, select, size, some, splat, splat_at, store

OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy"}
RATE, CAP, TARGET, HIGHEST = range(4)  # what a variant's portfolio hangs on besides its window
BLOCK = 64  # sessions at a time: the streams of a few hundred assets stay in the cache; no result hangs on it
GROWTH, PEAK, DEEPEST, RETURN, LEVERAGE, TRADED, EXPOSED, LEVER, SUMS = range(9)
MEASURES = (
    "sharpe",
    "total_return",
    "annual_return",
    "annual_volatility",
    "max_drawdown",
    "avg_leverage",
    "avg_gross_exposure",
    "annual_turnover",
)


class Assets(NamedTuple):
    """What all variants share; T portfolio sessions, A assets.

    `ret`, (T, A), is flat; `begin` and `end`, (A,), are where streams begin and end; `raw`, (T, A), flat too,
    are weights before cap and sum, empty where they follow from the volatility of each stream.
    """

    ret: np.ndarray
    raw: np.ndarray
    begin: np.ndarray
    end: np.ndarray


class Work(NamedTuple):
    """Memory of a block: streams with the windows before them, holdings, and rows of one value a session."""

    streams: np.ndarray
    holding: np.ndarray
    total: np.ndarray
    largest: np.ndarray
    deviation: np.ndarray
    net: np.ndarray
    sums: np.ndarray


@njit(**OPTIONS)
def _deviations(values, base, n, count, lanes, span, out):
    """Write the sample deviation of each `n` sessions of lanes from `base` on; a few beyond `count`, too."""
    width = len(lanes)
    many, less = splat(float(n), span), splat(float(n - 1), span)
    one, zero = splat(1.0, span), splat(0.0, span)
    of_many, of_less = one / many, one / less
    for start in range(0, count * width, len(span)):
        total = zero
        for k in range(n):
            total = total + load(values, base + start + k * width, span)
        mean = quotient(total, many, of_many)
        squares = zero
        for k in range(n):
            deviation = load(values, base + start + k * width, span) - mean
            squares = squares + deviation * deviation
        deviation = root(quotient(squares, less, of_less))
        store(out, start, deviation)
        # Equal values give exactly 0: their mean may differ from them in the last bit. What is not finite,
        # or next to nothing, is divided in full.
        least = (one + size(mean)) * splat(1e-9, span)
        if some(((deviation > zero) & (deviation < least)) | ~(deviation - deviation == zero)):
            mean = total / many
            first = load(values, base + start, span)
            equal, squares = first == first, zero
            for k in range(n):
                value = load(values, base + start + k * width, span)
                equal = equal & (value == first)
                squares = squares + (value - mean) * (value - mean)
            store(out, start, select(equal, zero, root(squares / less)))


@njit(**OPTIONS)
def _cap_exactly(holding, row, assets, total, cap, lanes):
    """Divide weights by their sum, and hand what exceeds the cap to the others, pro rata, until none does."""
    width = len(lanes)
    zero = splat(0.0, lanes)
    is_some, excess, room = total > zero, zero, zero
    for i in range(assets):
        weight = select(is_some, load(holding, row + i * width, lanes) / total, zero)
        over = weight > cap
        excess = excess + select(over, weight - cap, zero)
        room = room + select(weight < cap, weight, zero)
        store(holding, row + i * width, select(over, cap, weight))
    unfinished = ~((excess == zero) | (room == zero))
    while some(unfinished):
        more, left = zero, zero
        for i in range(assets):
            weight = load(holding, row + i * width, lanes)
            weight = select((weight < cap) & unfinished, weight + excess * weight / room, weight)
            over = weight > cap
            more = more + select(over, weight - cap, zero)
            left = left + select(weight < cap, weight, zero)
            store(holding, row + i * width, select(over, cap, weight))
        excess, room = more, left
        unfinished = unfinished & ~((excess == zero) | (room == zero))


@njit(**OPTIONS)
def _weigh(assets, words, part, first, count, n, rate, work, rows, lanes, span):
    """Fill the streams of a block, and the weights before cap and sum into the holdings."""
    width, parts = len(lanes), 4
    ret, raw, begins, ends = assets
    streams, holding, totals, largests, deviations = work[:5]
    held_assets = begins.size
    sessions = ret.size // held_assets
    zero, one = splat(0.0, lanes), splat(1.0, lanes)
    for t in range(count):
        store(totals, t * width, zero)
        store(largests, t * width, zero)
    for i in range(held_assets):
        base = i * rows * width
        if raw.size == 0:
            place = (i * (sessions + 1) + first) * parts + part
            held = mask_at(words, place, lanes)
            for t in range(count):
                now = mask_at(words, place + (t + 1) * parts, lanes)
                change = splat_at(ret, (first + t) * held_assets + i, lanes)
                stream = select(held, change, zero) + select(held ^ now, rate, zero)
                store(streams, base + (n - 1 + t) * width, stream)
                held = now
            _deviations(streams, base, n, count, lanes, span, deviations)
            for k in range(n - 1):
                store(
                    streams,
                    base + k * width,
                    load(streams, base + (count + k) * width, lanes),
                )
        # It takes part from its n-th session on, until it has ended; or where it has a weight.
        begin, end = 0, count
        if raw.size == 0:
            begin = min(max(begins[i] + n - 1 - first, 0), count)
            end = max(min(ends[i] - first, count), begin)
        for t in range(count):
            place = ((t + 1) * held_assets + i) * width
            if t < begin or t >= end:
                store(holding, place, zero)
                continue
            if raw.size == 0:
                deviation = load(deviations, t * width, lanes)
                weight = select(deviation > zero, one / deviation, zero)
            else:
                weight = splat_at(raw, (first + t) * held_assets + i, lanes)
                weight = select(weight > zero, weight, zero)
            store(holding, place, weight)
            largest = load(largests, t * width, lanes)
            store(totals, t * width, load(totals, t * width, lanes) + weight)
            store(largests, t * width, select(weight > largest, weight, largest))


@njit(**OPTIONS)
def _share(assets, words, part, first, count, n, rate, cap, work, rows, lanes):
    """Divide the weights by their sum, up to the cap, and fill the portfolio's stream before leverage."""
    width, parts = len(lanes), 4
    ret, begins = assets[0], assets[2]
    streams, holding, totals, largests = work[:4]
    held_assets = begins.size
    sessions = ret.size // held_assets
    zero = splat(0.0, lanes)
    base = held_assets * rows * width
    for t in range(count):
        row, before = (t + 1) * held_assets * width, t * held_assets * width
        total = load(totals, t * width, lanes)
        is_some = total > zero
        is_capped = some(load(largests, t * width, lanes) / total > cap)
        if is_capped:
            _cap_exactly(holding, row, held_assets, total, cap, lanes)
        gross, cost = zero, zero
        for i in range(held_assets):
            exposed = mask_at(words, (i * (sessions + 1) + first + 1 + t) * parts + part, lanes)
            now = load(holding, row + i * width, lanes)
            now = select(exposed, now, zero) if is_capped else select(exposed & is_some, now / total, zero)
            held = load(holding, before + i * width, lanes)
            gross = gross + held * splat_at(ret, (first + t) * held_assets + i, lanes)
            cost = cost + rate * size(now - held)
            store(holding, row + i * width, now)
        store(streams, base + (n - 1 + t) * width, gross + cost)


@njit(**OPTIONS)
def _lever(assets, first, count, n, portfolio, work, rows, lanes, span):
    """Lever the block's holdings, and add up returns and measures."""
    width = len(lanes)
    ret, begins = assets[0], assets[2]
    streams, holding, _, _, deviations, nets, sums = work
    held_assets = begins.size
    zero, one = splat(0.0, lanes), splat(1.0, lanes)
    rate, target = load(portfolio, RATE * width, lanes), load(portfolio, TARGET * width, lanes)
    highest = load(portfolio, HIGHEST * width, lanes)
    base = held_assets * rows * width
    _deviations(streams, base, n, count, lanes, span, deviations)
    for k in range(n - 1):
        store(streams, base + k * width, load(streams, base + (count + k) * width, lanes))
    growth, peak = load(sums, GROWTH * width, lanes), load(sums, PEAK * width, lanes)
    deepest, returned = load(sums, DEEPEST * width, lanes), load(sums, RETURN * width, lanes)
    levered, traded = load(sums, LEVERAGE * width, lanes), load(sums, TRADED * width, lanes)
    exposed, lever_before = load(sums, EXPOSED * width, lanes), load(sums, LEVER * width, lanes)
    for t in range(count):
        row, before = (t + 1) * held_assets * width, t * held_assets * width
        lever = target / load(deviations, t * width, lanes)
        lever = select(lever < highest, lever, highest)
        if first + t < n - 1:
            lever = zero
        gross, cost, exposure = zero, zero, zero
        for i in range(held_assets):
            now = lever * load(holding, row + i * width, lanes)
            held = lever_before * load(holding, before + i * width, lanes)
            moved = size(now - held)
            gross = gross + held * splat_at(ret, (first + t) * held_assets + i, lanes)
            cost = cost + rate * moved
            traded = traded + moved
            exposure = exposure + now
        lever_before = lever
        net = gross + cost
        store(nets, (first + t) * width, net)
        returned, levered, exposed = returned + net, levered + lever, exposed + exposure
        growth = growth * (one + net)
        peak = select(growth > peak, growth, peak)
        fall = growth / peak - one
        deepest = select(fall < deepest, fall, deepest)
    last = count * held_assets * width
    for i in range(held_assets):  # what the next block starts from
        store(holding, i * width, load(holding, last + i * width, lanes))
    store(sums, GROWTH * width, growth)
    store(sums, PEAK * width, peak)
    store(sums, DEEPEST * width, deepest)
    store(sums, RETURN * width, returned)
    store(sums, LEVERAGE * width, levered)
    store(sums, TRADED * width, traded)
    store(sums, EXPOSED * width, exposed)
    store(sums, LEVER * width, lever_before)


@njit(**OPTIONS)
def _measure(work, sessions, lanes, out):
    """Write the measures of each lane, (lanes, measures), in the order of `MEASURES`."""
    width = len(lanes)
    days = splat(float(sessions), lanes)
    mean = load(work.sums, RETURN * width, lanes) / days
    first = load(work.net, 0, lanes)
    squares, equal = splat(0.0, lanes), first == first
    for t in range(sessions):
        net = load(work.net, t * width, lanes)
        squares = squares + (net - mean) * (net - mean)
        equal = equal & (net == first)
    store(work.deviation, 0, select(equal, splat(0.0, lanes), root(squares / days)))
    for lane in range(width):
        deviation, sums = work.deviation[lane], work.sums[lane::width]
        average = sums[RETURN] / sessions
        out[lane, 0] = sqrt(SESSIONS_PER_YEAR) * average / deviation if deviation > 0.0 else np.nan
        total = sums[GROWTH] - 1.0
        growth = 1.0 + total
        out[lane, 1] = total
        out[lane, 2] = growth ** (SESSIONS_PER_YEAR / sessions) - 1.0 if growth > 0.0 else np.nan
        out[lane, 3] = deviation * sqrt(SESSIONS_PER_YEAR)
        out[lane, 4] = sums[DEEPEST]
        out[lane, 5] = sums[LEVERAGE] / sessions
        out[lane, 6] = sums[EXPOSED] / sessions
        out[lane, 7] = sums[TRADED] * SESSIONS_PER_YEAR / sessions


@njit(**OPTIONS)
def _fill(values, value, count):
    for j in range(count):
        values[j] = value


@njit(**OPTIONS)
def _aligned(size):
    """Return memory that starts with a cache line."""
    values = np.empty(size + 8)
    skip = (-(values.ctypes.data // 8)) % 8
    return values[skip : skip + size]


@njit(**OPTIONS)
def hold_tiles(assets, words, portfolios, windows, lanes, span, measures, net):
    """Hold the assets, session by session, for tiles of variants.

    Parameters
    ----------
    assets : Assets
    words : uint8 ndarray of shape (tiles, A * (1 + T) * 4)
        What is exposed at each close, one bit a variant; what stands before the first session is 0.
    portfolios : ndarray of shape (tiles, parts, 4 * lanes)
        Minus the rate, the cap, the daily target and the highest leverage of each variant of a part.
    windows : integer ndarray of shape (tiles, parts)
        The `vol_window` of each part.
    lanes, span : tuple
        How many variants go side by side, and how many values of successive sessions: see
        `plumbline.engine.lanes`.
    measures : ndarray of shape (tiles, parts, lanes, measures)
        Written: see `MEASURES`.
    net : ndarray of shape (tiles, parts, T * lanes), or empty
        Written, where it is not empty: the daily net returns.
    """
    width, held_assets = len(lanes), assets.begin.size
    sessions = assets.ret.size // held_assets
    spare = len(span) // width
    rows = windows.max() - 1 + BLOCK + spare
    work = Work(
        _aligned((held_assets + 1) * rows * width),
        _aligned((BLOCK + 1) * held_assets * width),
        _aligned(BLOCK * width),
        _aligned(BLOCK * width),
        _aligned((BLOCK + spare) * width),
        _aligned(sessions * width),
        _aligned(SUMS * width),
    )
    for tile in range(words.shape[0]):
        for part in range(windows.shape[1]):
            n, portfolio = windows[tile, part], portfolios[tile, part]
            rate, cap = load(portfolio, RATE * width, lanes), load(portfolio, CAP * width, lanes)
            _fill(work.streams, 0.0, work.streams.size)
            _fill(work.holding, 0.0, work.holding.size)
            _fill(work.sums, 0.0, work.sums.size)
            _fill(work.sums, 1.0, (PEAK + 1) * width)
            for first in range(0, sessions, BLOCK):
                count = min(BLOCK, sessions - first)
                _weigh(assets, words[tile], part, first, count, n, rate, work, rows, lanes, span)
                _share(assets, words[tile], part, first, count, n, rate, cap, work, rows, lanes)
                _lever(assets, first, count, n, portfolio, work, rows, lanes, span)
            _measure(work, sessions, lanes, measures[tile, part])
            if net.size:
                for j in range(work.net.size):
                    net[tile, part, j] = work.net[j]
