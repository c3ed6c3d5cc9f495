"""What a build has tried, as lines of the trial ledger, and what luck explains of it.

docs/explanation/hindsight.md says why.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from plumbline.engine.folds import portfolio_age
from plumbline.engine.market import Market
from plumbline.engine.measures import sharpe
from plumbline.engine.overfitting import Moments, expected_maxima, moments, probabilistic_sharpe
from plumbline.engine.panel import Panel
from plumbline.engine.referee import ALWAYS_LONG, LEAST_SESSIONS, benchmark_series
from plumbline.engine.registry import Component
from plumbline.engine.types import Floats
from plumbline.engine.variants import SLOTS, Variant, in_line, used
from plumbline.ledger.chain import Chain, canonical, hash_of, read_chain
from plumbline.ledger.store import Trial, append, read_returns
from plumbline.tables.arrow import known
from plumbline.tables.overfitting import ANNUAL, returns_of
from plumbline.tables.progress import say
from plumbline.tables.variants import read_variants, the_baseline
from plumbline.warehouse.faults import WarehouseError

RECORDED = {
    **dict.fromkeys(("line_hash", "key", "trial_id", "variant_id", "base_variant_id"), pa.string()),
    **dict.fromkeys(("parameters", "components", "symbols", "bars_sha256", "seal"), pa.string()),
    **dict.fromkeys(("first_session", "last_session"), pa.date32()),
    "sessions": pa.int64(),
    **dict.fromkeys(("sharpe", "gain"), pa.float64()),
    **dict.fromkeys(("returns", "recorded_at"), pa.string()),
    "recorded_on": pa.date32(),
    "place": pa.int64(),
}
BY_DAY = {
    "recorded_on": pa.date32(),
    "base_variant_id": pa.string(),
    **dict.fromkeys(("new_trials", "trials_so_far", "all_trials_so_far"), pa.int64()),
    "best_variant_id": pa.string(),
    **dict.fromkeys(("best_sharpe", "expected_maximum", "deflated_sharpe"), pa.float64()),
}


class Tried(NamedTuple):
    """A trial over the symbols at hand: the day it was first recorded, its variant, and its base or itself.

    `returns` is of shape (sessions,): net, on all sessions of the panel, NaN where it has none.
    """

    recorded_on: date | None
    variant_id: str
    base_variant_id: str
    returns: Floats


def trials_of(market: Market, resolved: pa.Table, lines: pa.Table, seal: str | None = None) -> list[Trial]:
    """Return the trials that a build has run: its named variants, of whatever detail, by id.

    Perturbations are none: a build makes them of itself, and nobody chooses the best of them.

    Parameters
    ----------
    market
        The bars.
    resolved, lines
        The named variants, and the run of each.
    seal
        The seal in force, if there is one.
    """
    variants = read_variants(resolved)
    baseline, panel = the_baseline(variants), market.panel
    if baseline is None or not panel.symbols:
        return []
    names = ("variant_id", "base_variant_id")
    bases = dict(zip(*(resolved[name].to_pylist() for name in names), strict=True))
    net, bars, long = returns_of(lines), _hash_of_bars(panel), _always_long(market, baseline)
    found = []
    for variant in variants:
        own = portfolio_age(market, variant) > 0
        if own.sum() < LEAST_SESSIONS:
            continue
        returns = np.full(len(own), np.nan)
        returns[own] = net[variant.variant_id]
        tried = _identity(variant, panel.symbols, seal)
        days = panel.sessions[own].astype("datetime64[D]").astype(str)
        both = own & np.isfinite(long)
        ratio = sharpe(returns[own])
        beyond = sharpe(returns[both]) - sharpe(long[both])
        values = {
            **tried,
            "trial": hash_of(tried),
            "variant_id": variant.variant_id,
            "base_variant_id": bases[variant.variant_id],
            "bars": bars,
            "first_session": days[0],
            "last_session": days[-1],
            "sessions": int(own.sum()),
            **known({"sharpe": float(ratio), "gain": float(beyond)}),
        }
        found.append(Trial(hash_of([values["trial"], bars]), values, returns))
    return found


def _identity(variant: Variant, symbols: Iterable[str], seal: str | None) -> dict:
    """Return what makes a variant a trial of its own: all that its portfolio hangs on, but for the bars."""
    names = [parameter.name for parameter in (*SLOTS, *used(variant))]
    return {
        "parameters": {name: variant.values[name] for name in names},
        "components": {f"{each.kind} {each.name}": _source_of(each) for each in in_line(variant)},
        "symbols": list(symbols),
        "seal": seal,
    }


def _source_of(found: Component) -> str:
    return hashlib.sha256(found.source.read_bytes()).hexdigest()[:16]


def _hash_of_bars(panel: Panel) -> str:
    """Return the sha256 of all that a run sees of the bars, so that a cut or a restated bar is another."""
    whole = hashlib.sha256(canonical(list(panel.symbols)).encode())
    for part in panel:
        if isinstance(part, np.ndarray):
            whole.update(np.ascontiguousarray(part).tobytes())
    return whole.hexdigest()


def _always_long(market: Market, baseline: Variant) -> Floats:
    """Return what `always_long` earns on each session, (sessions,), NaN outside those of `baseline`."""
    own = portfolio_age(market, baseline) > 0
    out = np.full(len(own), np.nan)
    out[own] = benchmark_series(market, baseline, ALWAYS_LONG)
    return out


def record(
    market: Market,
    resolved: pa.Table,
    lines: pa.Table,
    folder: Path,
    as_of: str | None = None,
    seal: str | None = None,
) -> pa.Table:
    """Add what a build has tried to the ledger, and return its lines over these symbols, in order.

    With `as_of` nothing is added, and lines of a later time are not seen. Where the ledger cannot be written
    to, the build goes on and says so.

    Parameters
    ----------
    market, resolved, lines, seal
        As for `trials_of`.
    folder
        Of the ledger.
    as_of
        A time (UTC), in ISO format.
    """
    tried = trials_of(market, resolved, lines, seal) if as_of is None else []
    try:
        chain = append(folder, market.panel.sessions, tried) if tried else read_chain(folder)
    except (OSError, WarehouseError) as error:
        say(f"trial ledger: nothing was recorded in {folder}: {error}")
        chain = _readable(folder)
    if chain.faults:
        say(f"trial ledger: {chain.faults[0]}; see: python -m plumbline ledger verify")
    return _rows(chain, market.panel.symbols, _instant(as_of) if as_of else None)


def _readable(folder: Path) -> Chain:
    try:
        return read_chain(folder)
    except OSError:
        return Chain([], [])


def _instant(as_of: str) -> str:
    """Return a time as lines have it; UTC where it names no zone."""
    at = datetime.fromisoformat(as_of)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _rows(chain: Chain, symbols: tuple[str, ...], until: str | None) -> pa.Table:
    # Only lines of these symbols are read: of a ledger of a hundred thousand the others cost nothing.
    mark = f'"symbols":{canonical(list(symbols))},'.encode()
    rows = []
    for line in chain.lines:
        if mark in line.text and (until is None or line.recorded_at <= until):
            said = line.values()
            days = {name: date.fromisoformat(said[name]) for name in ("first_session", "last_session")}
            rows.append(
                said
                | days
                | {name: canonical(said[name]) for name in ("parameters", "components")}
                | {"line_hash": line.hash, "trial_id": said["trial"], "bars_sha256": said["bars"]}
                | {"symbols": ", ".join(said["symbols"]), "place": line.number}
                | {"recorded_on": date.fromisoformat(line.recorded_at[:10])}
            )
    return pa.Table.from_pylist(rows, schema=pa.schema(RECORDED.items()))


def tried_so_far(
    market: Market, resolved: pa.Table, lines: pa.Table, recorded: pa.Table, folder: Path, seal: str | None
) -> list[Tried]:
    """Return every distinct trial over the symbols at hand: those of the ledger in order, then others.

    A trial that was run on several days' bars is one, with its newest returns.

    Parameters
    ----------
    market, resolved, lines, seal
        As for `trials_of`: what this build has tried counts whether or not it could be recorded.
    recorded, folder
        The ledger's lines, as of `record`, and where the ledger is.
    """
    rows = recorded.to_pylist()
    first: dict[str, dict] = {}
    newest: dict[str, dict] = {}
    for row in rows:
        first.setdefault(row["trial_id"], row)
        newest[row["trial_id"]] = row
    own = {trial.values["trial"]: trial for trial in trials_of(market, resolved, lines, seal)}
    wanted = [row for name, row in newest.items() if name not in own]
    returns = read_returns(folder, wanted, market.panel.sessions)
    if lost := [row["variant_id"] for row in wanted if row["key"] not in returns]:
        say(f"trial ledger: the returns of {', '.join(lost[:5])} are missing; they are not counted")
    found = []
    for name, row in first.items():
        if name in own:
            found.append(_tried(row["recorded_on"], row, own[name].returns))
        elif newest[name]["key"] in returns:
            found.append(_tried(row["recorded_on"], row, returns[newest[name]["key"]]))
    found += [_tried(None, each.values, each.returns) for name, each in own.items() if name not in first]
    return found


def _tried(recorded_on: date | None, said: Mapping, returns: Floats) -> Tried:
    return Tried(recorded_on, said["variant_id"], said["base_variant_id"] or said["variant_id"], returns)


def trials_by_day(
    market: Market, resolved: pa.Table, tried: list[Tried], drawn: Mapping[str, int]
) -> pa.Table:
    """Return one row per day and base variant of which something new was recorded.

    Parameters
    ----------
    market, resolved
        The bars, and the named variants, `baseline` among them.
    tried
        As of `tried_so_far`.
    drawn
        Number and seed of the random draws behind what luck explains.
    """
    baseline = the_baseline(read_variants(resolved))
    none = pa.table({name: pa.array([], kind) for name, kind in BY_DAY.items()})
    if baseline is None:
        return none
    long = _always_long(market, baseline)
    recorded = sorted(
        (each for each in tried if each.recorded_on is not None and _is_long_enough(each.returns - long)),
        key=lambda each: each.recorded_on,
    )
    if not recorded:
        return none
    excess = np.column_stack([each.returns - long for each in recorded])
    found = [moments(column[np.isfinite(column)]) for column in excess.T]
    luck = expected_maxima(excess, drawn["draws"], drawn["seed"])
    rows = []
    for day in sorted({each.recorded_on for each in recorded}):
        so_far = [number for number, each in enumerate(recorded) if each.recorded_on <= day]
        new = [number for number in so_far if recorded[number].recorded_on == day]
        for base in sorted({recorded[number].base_variant_id for number in new}):
            own = [number for number in so_far if recorded[number].base_variant_id == base]
            best = max(own, key=lambda number: _ratio(found[number]))
            deviation = 1.0 / np.sqrt(max(found[best].sessions - 1.0, 1.0))  # of a ratio without skill
            expected = luck[so_far[-1]] * deviation
            measures = {
                "best_sharpe": found[best].sharpe * ANNUAL,
                "expected_maximum": expected * ANNUAL,
                "deflated_sharpe": probabilistic_sharpe(found[best], expected),
            }
            rows.append(
                {
                    "recorded_on": day,
                    "base_variant_id": base,
                    "new_trials": sum(recorded[number].base_variant_id == base for number in new),
                    "trials_so_far": len(own),
                    "all_trials_so_far": len(so_far),
                    "best_variant_id": recorded[best].variant_id,
                    **known(measures),
                }
            )
    return pa.Table.from_pylist(rows, schema=pa.schema(BY_DAY.items()))


def _is_long_enough(excess: Floats) -> bool:
    """Return whether these bars have enough of a trial; of one that ran on later bars they may have none."""
    return int(np.isfinite(excess).sum()) >= LEAST_SESSIONS


def _ratio(found: Moments) -> float:
    return found.sharpe if np.isfinite(found.sharpe) else -np.inf
