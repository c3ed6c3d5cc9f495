"""Sections 6 and 7 of docs/method.md written out slowly: weights, leverage, the portfolio, its measures."""

from collections.abc import Sequence
from math import prod, sqrt
from typing import NamedTuple

from twin import Asset, Twin, Values, sd, window

from plumbline.engine.variants import Variant


class Portfolio(NamedTuple):
    """Lists over sessions (None where the portfolio has none), or such lists by symbol."""

    assets: dict[str, Asset]
    weight: dict[str, Values]
    holding: dict[str, Values]
    gross: dict[str, Values]
    cost: dict[str, Values]
    unlevered: Values
    leverage: Values
    net_return: Values
    turnover: Values


def cap_weights(shares: dict[str, float], cap: float, rule: str) -> dict[str, float]:
    """Cap weights that add up to 1 (section 6, step 2)."""
    if rule == "renormalise":
        clipped = {name: min(share, cap) for name, share in shares.items()}
        return {name: share / sum(clipped.values()) for name, share in clipped.items()}
    result, free = dict(shares), set(shares)
    while over := {name for name in free if result[name] > cap}:
        excess = sum(result[name] - cap for name in sorted(over))
        result.update(dict.fromkeys(over, cap))
        free -= over
        base = sum(result[name] for name in sorted(free))
        for name in free:
            result[name] += excess * result[name] / base
    return result


def target_leverage(stream: Values, t: int, start: int | None, v: Variant) -> float:
    """Leverage that aims at the target volatility (section 6, step 4)."""
    values = window(stream, t, v.vol_window, start)
    if values is None:
        return 0.0
    volatility = sd(values)
    if volatility == 0:
        return v.max_leverage
    return min(v.max_leverage, v.target_volatility / sqrt(252) / volatility)


def target_returns(asset: Asset, v: Variant) -> tuple[Values, Values]:
    """Leverage and return of one asset that is volatility-targeted on its own."""
    leverage: Values = []
    for t, begin in enumerate(asset.begin):
        leverage.append(None if begin is None else target_leverage(asset.m, t, begin, v))
    returns = [None if x is None else x * m for x, m in zip(leverage, asset.m, strict=True)]
    return leverage, returns


def portfolio_starts(twin: Twin, assets: dict[str, Asset], v: Variant) -> list[int | None]:
    """Return the session on which the portfolio of each session started."""
    starts: list[int | None] = [None] * len(twin.sessions)
    if not assets:
        return starts
    shared = set.intersection(*(asset.folds for asset in assets.values()))
    any_fold = set.union(*(asset.folds for asset in assets.values()))
    begun = [t for t in range(len(starts)) if any(a.begin[t] is not None for a in assets.values())]
    if v.warm_up == "continuous" and any_fold:
        for t in range(min(begun), len(starts)):
            starts[t] = min(begun)
    if v.warm_up == "year":
        for t, year in enumerate(twin.year):
            if year in shared:
                starts[t] = twin.year.index(year)
    return starts


def build_portfolio(twin: Twin, v: Variant) -> Portfolio:
    """Run the six switches in the order of section 6."""
    c = v.cost_bps / 10_000
    # What comes after the asset stream does not change it: variants that share one share the work.
    before_portfolio = v.changed(weight_lag=1, leverage_lag=1, cap="exact")
    assets = {symbol: twin.asset(symbol, before_portfolio) for symbol in twin.bars}
    starts = portfolio_starts(twin, assets, v)
    count = len(starts)
    weight, unlevered_holding, holding, gross, cost = ({s: [None] * count for s in assets} for _ in range(5))
    unlevered, leverage, net, turnover = ([None] * count for _ in range(4))

    def ago(values: Values, t: int, lag: int) -> float:
        """Return the value of a session ago, 0 before the start."""
        return values[t - lag] if t - lag >= starts[t] else 0.0

    for t in range(count):
        if starts[t] is None:
            continue
        inverse = {}
        for symbol, asset in assets.items():
            stream = window(asset.m, t, v.vol_window, asset.begin[t])
            volatility = sd(stream) if stream is not None else 0.0
            if volatility > 0:
                inverse[symbol] = 1 / volatility
        shares = {symbol: x / sum(inverse.values()) for symbol, x in inverse.items()}
        capped = cap_weights(shares, v.max_weight, v.cap)
        for symbol, asset in assets.items():
            weight[symbol][t] = capped.get(symbol, 0.0)
            unlevered_holding[symbol][t] = weight[symbol][t] * asset.exposure[t]

        earned, paid = {}, {}
        for symbol, asset in assets.items():
            if v.cost_basis in ("strategy", "switching"):
                share = ago(weight[symbol], t, v.weight_lag)
                earned[symbol] = share * (asset.m_gross[t] or 0.0)
                paid[symbol] = share * (asset.m_cost[t] or 0.0)
            else:
                before = ago(unlevered_holding[symbol], t, 1)
                earned[symbol] = before * asset.ret[t]
                paid[symbol] = c * abs(unlevered_holding[symbol][t] - before)
        unlevered[t] = sum(earned[symbol] - paid[symbol] for symbol in assets)
        leverage[t] = target_leverage(unlevered, t, starts[t], v)

        traded = 0.0
        for symbol, asset in assets.items():
            holding[symbol][t] = leverage[t] * unlevered_holding[symbol][t]
            before = ago(holding[symbol], t, 1)
            traded += abs(holding[symbol][t] - before)
            if v.cost_basis == "net":
                gross[symbol][t] = before * asset.ret[t]
                cost[symbol][t] = c * abs(holding[symbol][t] - before)
            else:
                level = ago(leverage, t, v.leverage_lag)
                gross[symbol][t] = level * earned[symbol]
                cost[symbol][t] = level * paid[symbol]
        turnover[t] = traded
        if v.cost_basis == "net":
            net[t] = sum(gross[symbol][t] - cost[symbol][t] for symbol in assets)
        else:
            net[t] = ago(leverage, t, v.leverage_lag) * unlevered[t]
    return Portfolio(assets, weight, holding, gross, cost, unlevered, leverage, net, turnover)


def max_drawdown(returns: Sequence[float], opening: float | None) -> float:
    """Deepest fall below the running peak; `opening` is the equity before the first return, if any."""
    equity, peak, deepest = 1.0, opening, 0.0
    for value in returns:
        equity *= 1 + value
        peak = equity if peak is None else max(peak, equity)
        deepest = min(deepest, equity / peak - 1)
    return deepest


def measures(returns: Sequence[float]) -> dict[str, float | None]:
    """Section 7: measures of a daily return series."""
    count = len(returns)
    mean = sum(returns) / count
    volatility = 0.0 if len(set(returns)) == 1 else sqrt(sum((x - mean) ** 2 for x in returns) / count)
    growth = prod(1 + x for x in returns)
    return {
        "sharpe": sqrt(252) * mean / volatility if volatility else None,
        "total_return": growth - 1,
        "annual_return": growth ** (252 / count) - 1,
        "annual_volatility": volatility * sqrt(252),
    }


def drawdown_episodes(returns: Sequence[float]) -> list[tuple[int, int, int | None]]:
    """Start, trough and end of every episode as positions in `returns`; -1 is the session before."""
    episodes, equity, peak, top, start = [], 1.0, 1.0, -1, None
    for t, value in enumerate(returns):
        equity *= 1 + value
        if equity < peak:
            if start is None:
                start, trough, lowest = top, t, equity
            elif equity < lowest:
                trough, lowest = t, equity
            continue
        if start is not None:
            episodes.append((start, trough, t))
            start = None
        peak, top = equity, t
    if start is not None:
        episodes.append((start, trough, None))
    return episodes
