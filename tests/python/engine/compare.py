"""Line up the twin's lists with the engine's arrays and name what differs."""

import numpy as np
from panels import trend_forecast
from twin import FEATURES, Twin, Values
from twin_portfolio import Portfolio, build_portfolio, target_returns

from plumbline.engine.allocator import states_of
from plumbline.engine.features import NAMED
from plumbline.engine.line import Line, run_line
from plumbline.engine.market import Market
from plumbline.engine.variants import Variant

NUMBER = 1e-12


def array(columns: list[Values], rows: int) -> np.ndarray:
    """Return lists by asset as an array (sessions, assets), NaN for None."""
    return np.array(columns, dtype=float).T.reshape(rows, len(columns))


def differ(engine: np.ndarray, twin: np.ndarray, tolerance: float) -> str:
    """Say where two arrays differ by more than `tolerance` or in what they know; empty if nowhere."""
    close = np.isnan(engine) & np.isnan(twin)
    close |= np.abs(engine - twin) <= tolerance
    if close.all():
        return ""
    first = tuple(int(i) for i in np.argwhere(~close)[0])
    return f"{int((~close).sum())} cells, first at {first}: engine {engine[first]!r}, twin {twin[first]!r}"


def compare_market(market: Market, twin: Twin, variant: Variant) -> dict[str, str]:
    """Compare features and predictions."""
    rows = len(twin.sessions)
    found = {}
    for name in FEATURES:
        expected = array([twin.features[s, variant.warm_up][name] for s in twin.bars], rows)
        found[name] = differ(market.feature(NAMED[name], variant.warm_up), expected, NUMBER)
    expected = array([twin.prediction(s, variant) for s in twin.bars], rows)
    # Compared where both know one: with fewer rows than min_train_rows the market still has a fit.
    prediction = market.prediction(trend_forecast(variant), variant.warm_up)
    predicted = np.where(np.isnan(expected), np.nan, prediction)
    found["prediction"] = differ(predicted, expected, NUMBER)
    return found


def compare_assets(line: Line, expected: Portfolio, variant: Variant, rows: int) -> dict[str, str]:
    """Compare strategies and allocator: positions, states and exposures exactly."""
    assets = expected.assets.values()
    found = {}
    for name, streams in line.streams.items():
        has_row = streams.age > 0
        position = array([a.positions[name] for a in assets], rows)
        stream = array([a.streams[name] for a in assets], rows)
        found[f"{name} position"] = differ(np.where(has_row, streams.positions.position, np.nan), position, 0)
        found[f"{name} stream"] = differ(
            np.where(has_row, streams.gross + streams.cost, np.nan), stream, NUMBER
        )
    allocation = line.allocation
    has_row = allocation.age > 0
    states = states_of(variant)
    state = array([[float(states.index(s)) for s in a.state] for a in assets], rows)
    found["state"] = differ(np.where(has_row, allocation.state, 0.0), np.where(has_row, state, 0.0), 0)
    found["exposure"] = differ(allocation.exposure, array([a.exposure for a in assets], rows), 0)
    for name, sign in (("gross", 1), ("cost", -1)):
        value = sign * array([getattr(a, f"m_{name}") for a in assets], rows)
        found[f"m {name}"] = differ(np.where(has_row, getattr(allocation, name), np.nan), value, NUMBER)
    if variant.warm_up == "year":
        own = [target_returns(a, variant) for a in assets]
        leverage, returns = (array([each[k] for each in own], rows) for k in (0, 1))
        found["own leverage"] = differ(np.where(has_row, allocation.leverage, np.nan), leverage, NUMBER)
        found["target return"] = differ(np.where(has_row, allocation.target_return, np.nan), returns, NUMBER)
    return found


def compare_portfolio(line: Line, expected: Portfolio, rows: int) -> dict[str, str]:
    """Compare the portfolio, by asset and as a whole."""
    portfolio = line.portfolio
    has_row = portfolio.age > 0
    found = {}
    for name, sign in (("weight", 1), ("holding", 1), ("gross", 1), ("cost", -1)):
        value = sign * array(list(getattr(expected, name).values()), rows)
        found[name] = differ(np.where(has_row[:, None], getattr(portfolio, name), np.nan), value, NUMBER)
    for name in ("unlevered", "leverage", "net_return"):
        values = getattr(portfolio, "unlevered_return" if name == "unlevered" else name)
        value = np.array(getattr(expected, name), dtype=float)
        found[f"portfolio {name}"] = differ(np.where(has_row, values, np.nan), value, NUMBER)
    return found


def differences(market: Market, twin: Twin, variant: Variant) -> dict[str, str]:
    """Compare every number of a variant on one panel; empty if engine and twin agree."""
    line = run_line(market, variant)
    expected = build_portfolio(twin, variant)
    rows = len(twin.sessions)
    found = {
        **compare_market(market, twin, variant),
        **compare_assets(line, expected, variant, rows),
        **compare_portfolio(line, expected, rows),
    }
    return {name: text for name, text in found.items() if text}
