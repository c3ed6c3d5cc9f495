"""Bars from Yahoo Finance, through yfinance."""

import atexit
import logging
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import yfinance as yf
from yfinance import utils
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFTickerMissingError

from ingest.bars import Bars, between, make_bars
from ingest.calendar import FIRST_YEAR, last_finished_day
from ingest.clock import utc_now
from ingest.columns import canonical_columns
from ingest.errors import DelistedError, InputError, NoBarsError, shown
from ingest.sources.pace import Pace
from ingest.sources.yahoo_session import ATTEMPTS, NoData, Unanswered, YahooSession
from ingest.symbols import off_calendar, validate_symbol

# Yahoo's prices are adjusted for splits, not for dividends.
PRICE_BASIS = "split_adjusted"

_NEW_YORK = "America/New_York"
_NAMED_DAYS = 3  # of unfinished bars, of which there is one at most unless a date is wrong
_OFF_CALENDAR_TYPES = ("CRYPTOCURRENCY", "CURRENCY", "FUTURE")


def open_session(pace: Pace) -> YahooSession:
    """Return what `fetch` asks Yahoo through, for any number of threads; call it in one."""
    _configure_yfinance(_cache_folder())
    return YahooSession(pace)


def fetch(
    text: str,
    *,
    session: YahooSession,
    start: date | None = None,
    end: date | None = None,
    now: Callable[[], datetime] = utc_now,
) -> list[Bars]:
    """Return Yahoo's daily bars of one symbol, without those of sessions that have not closed yet.

    Parameters
    ----------
    text
        The symbol in Yahoo's spelling.
    session
        From `open_session`.
    start, end
        First and last session wanted, both included; None is the whole history, or up to now.
    now
        The clock. It is asked before Yahoo is, so that a close in between leaves no unfinished bar.

    Raises
    ------
    InputError
        The symbol is none, is unknown, or does not trade on the XNYS calendar; or Yahoo does not answer.
    NoBarsError
        Yahoo answers that it has none; `DelistedError` where it says that the symbol may be delisted.
    StoppedEarly
        Yahoo will not be asked again in this run.
    """
    symbol = validate_symbol(text)
    if utils.is_isin(symbol):  # yfinance would look it up, and the bars land under another name
        raise InputError(f"{symbol} is an ISIN, not a symbol; give the symbol that Yahoo has for it")
    asked_at = now()
    history, metadata = _download(symbol, session, start or date(FIRST_YEAR, 1, 1), end)
    _check_exchange(symbol, metadata)
    where = f"Yahoo's answer for {symbol}"
    if history.empty:
        raise NoBarsError(f"{where} holds no bars; check the symbol, --start and --end")
    table = _as_answered(history, session.chart, where)
    columns = canonical_columns(pa.Table.from_pandas(table, preserve_index=False), where)
    finished, notes = _finished(columns, asked_at, where)
    today = asked_at.astimezone(UTC).date()
    bars = make_bars(symbol, finished, where, start=start, end=end, today=today)
    return [bars._replace(notes=(*bars.notes, *notes))]


def _download(
    symbol: str, session: YahooSession, start: date, end: date | None
) -> tuple[pd.DataFrame, Mapping]:
    ticker = yf.Ticker(symbol, session=session)
    # Only what keeps New York time is taken, so the zone need not be asked for: one request less a symbol,
    # and an unknown symbol is refused by the prices' own answer. Set here and not in yfinance's cache, which
    # is a database that workers would lock each other out of.
    ticker._tz = _NEW_YORK
    try:
        history = ticker.history(
            start=start,
            end=None if end is None else end + timedelta(days=1),  # yfinance excludes it
            auto_adjust=False,
            actions=True,
            repair=False,
            keepna=True,
        )
        return history, ticker.history_metadata
    except Unanswered as error:
        raise InputError(
            f"{symbol}: Yahoo does not answer, asked {ATTEMPTS} times ({error}); check the network "
            "connection, then run this again later"
        ) from error
    except (NoData, YFTickerMissingError) as error:
        reason = error.rationale if isinstance(error, YFTickerMissingError) else error
        # Yahoo's own word: yfinance guesses the same of any answer without bars, but not in its rationale.
        kind = DelistedError if "delisted" in str(reason) else NoBarsError
        raise kind(
            f"{symbol}: Yahoo has no bars of it ({shown(reason)[1:-1]}); check the symbol's spelling, "
            "--start and --end"
        ) from error
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, YFException) as error:
        # What yfinance meets when the answer is not the JSON it takes apart.
        raise InputError(
            f"{symbol}: Yahoo's answer cannot be understood ({type(error).__name__}: {shown(error)[1:-1]}); "
            "run this again later"
        ) from error
    finally:
        # yfinance keeps whole answers about ranges that have passed, of any symbol.
        YfData.cache_get.cache_clear()


def _as_answered(history: pd.DataFrame, chart: dict, where: str) -> pd.DataFrame:
    """Return the bars as Yahoo wrote them, beside the events that yfinance puts to their days.

    yfinance mends what must be seen: no volume becomes 0, the second of two bars of one day disappears, and
    without an adjusted close the close stands in for it.
    """
    adjusted = [price for each in chart["indicators"].get("adjclose", []) for price in each["adjclose"]]
    if all(price is None for price in adjusted):
        raise InputError(f"{where} has no adjusted close, so no returns either; run this again later")
    quotes = utils.fix_Yahoo_dst_issue(utils.set_df_tz(utils.parse_quotes(chart), "1d", _NEW_YORK), "1d")
    quotes.index = pd.to_datetime(quotes.index.date).tz_localize(_NEW_YORK)
    if quotes.index[-1] in quotes.index[-2:-1]:
        # A session as it goes, behind its bar of a moment ago.
        quotes = pd.concat([quotes[:-2], quotes[-1:]])
    events = history[["Dividends", "Stock Splits"]]
    if "Capital Gains" in history:
        # Nothing where there is none: what landed before gains were read keeps its fingerprint.
        events = events.assign(**{"Capital Gains": history["Capital Gains"].replace(0, float("nan"))})
    # A bar that yfinance leaves out lies beyond the range that was asked for.
    return quotes.join(events, how="inner").rename_axis("Date").reset_index()


def _finished(columns: pa.Table, asked_at: datetime, where: str) -> tuple[pa.Table, tuple[str, ...]]:
    """Return the bars that are final, and a note of those that are not: Yahoo shows a session as it goes."""
    newest = last_finished_day(asked_at)
    finished = between(columns, None, newest)
    dropped = columns.num_rows - finished.num_rows
    if not dropped:
        return columns, ()
    days = pc.unique(columns.filter(pc.field("session_date") > pa.scalar(newest))["session_date"]).to_pylist()
    named = ", ".join(str(day) for day in days[:_NAMED_DAYS]) + (", …" if len(days) > _NAMED_DAYS else "")
    if finished.num_rows == 0:
        raise InputError(
            f"{where} holds only the unfinished bar of {named}; run this again once that session has closed"
        )
    return finished, (f"unfinished bar{'s' if dropped > 1 else ''} of {named} dropped",)


def _check_exchange(symbol: str, metadata: Mapping) -> None:
    kind = metadata.get("instrumentType")
    zone = metadata.get("exchangeTimezoneName")
    if kind in _OFF_CALENDAR_TYPES:
        raise InputError(off_calendar(symbol, f"Yahoo calls it {kind}"))
    if zone != _NEW_YORK:
        raise InputError(off_calendar(symbol, f"its exchange keeps the time of {zone or 'no known zone'}"))


@cache
def _cache_folder() -> str:
    """Return a folder of this process for yfinance's caches, which otherwise go to the user's home."""
    folder = TemporaryDirectory(prefix="plumbline-yahoo-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    return folder.name


@cache
def _configure_yfinance(folder: str) -> None:
    yf.set_tz_cache_location(folder)
    # Of how it uses pandas, which is nothing to tell a user.
    warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"yfinance\.")
    # Errors come to us as exceptions; without this a dead connection passes for an unknown symbol.
    yf.config.debug.hide_exceptions = False
    logging.getLogger("yfinance").setLevel(logging.CRITICAL + 1)
