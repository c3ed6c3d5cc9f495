"""The HTTP session that yfinance asks Yahoo through: paced, retried, and it keeps what yfinance drops.

yfinance repeats a failed request at once, tells an overloaded server from an unknown symbol by the text it
sends, and forgets ``Retry-After``. All of that is decided here, where the HTTP answer is still at hand.
"""

import threading
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

import click
from curl_cffi.requests import Response, Session
from curl_cffi.requests.exceptions import RequestException, Timeout
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from ingest.errors import shown
from ingest.sources.pace import Pace

ATTEMPTS = 5

_COOKIE_SECONDS = 10
_CHART = "/v8/finance/chart/"
_BACKOFF = wait_exponential_jitter(initial=1, max=30, jitter=1)


class Unanswered(Exception):
    """Yahoo gives no whole answer now, and may in a moment; the message says what it does instead."""


class _RateLimited(Unanswered):
    """Yahoo refuses to answer so many requests; `seconds` is how long everybody waits."""

    def __init__(self, status: int, seconds: float) -> None:
        super().__init__(f"too many requests, status {status}")
        self.seconds = seconds


class NoData(Exception):
    """Yahoo answers that it has no such bars; asking again would not change that."""


class YahooSession(Session):
    """A session for all workers, to be handed to yfinance.

    Time-outs, broken connections, status 429 and 5xx and answers that are cut short are asked for again,
    `ATTEMPTS` times in all, and each time the user is told. Any other refusal is final.
    """

    def __init__(self, pace: Pace) -> None:
        super().__init__(impersonate="chrome")
        self._pace = pace
        self._newest = threading.local()
        self._unreachable: dict[str, RequestException] = {}

    @property
    def chart(self) -> dict:
        """The answer that this thread got last, as Yahoo wrote it: one item of ``chart.result``."""
        return self._newest.chart

    def request(self, method: str, url: str, **kwargs: object) -> Response:
        """Send a request as yfinance wants it; see `Session.request`.

        Raises
        ------
        Unanswered, NoData
            It is for a chart, and none came.
        StoppedEarly
            Yahoo will not be asked again in this run.
        """
        symbol = unquote(urlsplit(url).path).partition(_CHART)[2]
        if not symbol:
            return self._request_cookie(method, url, **kwargs)
        retrying = Retrying(
            retry=retry_if_exception_type(Unanswered),
            stop=stop_after_attempt(ATTEMPTS),
            wait=_seconds_to_wait,
            sleep=self._pace.sleep,
            before_sleep=lambda state: _announce(symbol, state),
            reraise=True,
        )
        try:
            return retrying(self._request_chart, method, url, **kwargs)
        except Unanswered as error:
            self._pace.gave_up(str(error))
            raise

    def _request_cookie(self, method: str, url: str, **kwargs: object) -> Response:
        # Charts come without cookie and crumb, too, which yfinance asks for again before every chart until it
        # has them: where their host cannot be reached, one time-out is enough, and it need not be a long one.
        host = urlsplit(url).netloc
        if host in self._unreachable:
            raise self._unreachable[host]
        self._pace.turn()
        try:
            return super().request(method, url, **kwargs | {"timeout": _COOKIE_SECONDS})
        except RequestException as error:
            self._unreachable[host] = error
            raise

    def _request_chart(self, method: str, url: str, **kwargs: object) -> Response:
        sent_at = self._pace.turn()
        try:
            response = super().request(method, url, **kwargs)
        except Timeout as error:
            raise Unanswered("no answer in time") from error
        except RequestException as error:
            reason = str(error).split(". See http")[0]  # curl adds a link to its list of errors
            raise Unanswered(f"it cannot be reached: {shown(reason)[1:-1]}") from error
        status = response.status_code
        retry_after = _retry_after(response.headers.get("Retry-After"))
        if status == 429 or (status >= 500 and retry_after is not None):
            raise _RateLimited(status, self._pace.refused(sent_at, retry_after))
        if status >= 500:
            raise Unanswered(f"status {status}")
        try:
            answer = response.json()
        except (ValueError, RecursionError) as error:
            if status < 400:
                raise Unanswered("its answer is cut short, or no JSON") from error
            answer = None
        self._pace.answered(sent_at)
        if status >= 400 and status not in (401, 403):  # for those two yfinance has other cookies to try
            raise NoData(_explanation(answer) or f"status {status}")
        self._newest.chart = _chart(answer)
        return response


def _seconds_to_wait(state: RetryCallState) -> float:
    error = state.outcome.exception()
    return error.seconds if isinstance(error, _RateLimited) else _BACKOFF(state)


def _announce(symbol: str, state: RetryCallState) -> None:
    click.echo(
        f"{symbol}: Yahoo does not answer ({state.outcome.exception()}); asking again in "
        f"{state.upcoming_sleep:.0f} s, attempt {state.attempt_number + 1} of {ATTEMPTS}",
        err=True,
    )


def _retry_after(header: str | None) -> float | None:
    """Return the seconds in a ``Retry-After``, which is a number or a date; None where it is neither."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _explanation(answer: object) -> str | None:
    try:
        return answer["chart"]["error"]["description"]
    except (TypeError, KeyError):
        return None


def _chart(answer: object) -> dict:
    try:
        return answer["chart"]["result"][0]
    except (TypeError, KeyError, IndexError):
        return {}  # and yfinance says what it misses
