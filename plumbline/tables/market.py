"""The market as the models of one run of dbt see it: read and pivoted once, by whichever comes first."""

from threading import Lock
from typing import Any

import pyarrow as pa
from dbt_common.invocation import get_invocation_id

from plumbline.engine.features import NAMED
from plumbline.engine.market import Market
from plumbline.engine.panel import Panel, make_panel
from plumbline.tables.arrow import spread_features

_BARS = ("symbol", "session_date", "adj_close", "share_volume", "is_filled")
_FEATURES = ("symbol", "session_date", *NAMED)


class _Held:
    """What a run has read so far; it builds a table once, before all that read it: nothing grows stale."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.invocation = ""
        self.panel: Panel | None = None
        self.features: dict | None = None

    def start(self, invocation: str) -> None:
        if invocation != self.invocation:
            self.invocation, self.panel, self.features = invocation, None, None


_held = _Held()


def shared_market(bars: Any, sessions: Any, features: Any = None) -> Market:
    """Return the market of aligned bars, with the features that SQL computed where they are given.

    Bars and features are shared, and whatever is computed from them belongs to the caller: models run in
    threads side by side.

    Parameters
    ----------
    bars, sessions, features
        Relations of int_returns__daily, int_sessions__panel and int_features__daily in a run of dbt.
    """
    with _held.lock:
        _held.start(get_invocation_id())
        if _held.panel is None:
            _held.panel = make_panel(_read(bars, *_BARS), _read(sessions, "session_date"))
        if features is None:
            return Market(_held.panel)
        if _held.features is None:
            _held.features = spread_features(_held.panel, _read(features, *_FEATURES))
        return Market(_held.panel, _held.features)


def _read(relation: Any, *columns: str) -> pa.Table:
    return relation.select(*columns).to_arrow_table()
