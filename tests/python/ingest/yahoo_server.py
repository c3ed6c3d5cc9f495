"""Yahoo on this machine: an HTTP server that speaks its chart API, and what leads every session there."""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import curl_cffi.requests
import pandas as pd

HOSTS = {
    "query1.finance.yahoo.com",
    "query2.finance.yahoo.com",
    "fc.yahoo.com",
    "guce.yahoo.com",
    "consent.yahoo.com",
}


class Reply(NamedTuple):
    """An HTTP answer: `cut_after` bytes the connection ends, and a server that `hangs` never answers."""

    status: int = 200
    body: object = ""
    headers: Mapping[str, str] = MappingProxyType({})
    cut_after: int | None = None
    hangs: bool = False


NO_DATA = {
    "chart": {
        "result": None,
        "error": {"code": "Not Found", "description": "No data found, symbol may be delisted"},
    }
}
DELISTED = Reply(404, NO_DATA)
LIMITED = Reply(429, "Edge: Too Many Requests")
DOWN = Reply(502, "<html>Will be right back</html>")
HANGS = Reply(hangs=True)


class Yahoo:
    """Answers by symbol, and keeps what was asked.

    An answer is the keywords of `chart`, a whole chart, a text, a `Reply`, a function of begin and end that
    returns one of these, or a list of them, of which the last one repeats. `default` is the answer for what
    `answers` does not name.
    """

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}
        self.default: object = None
        self.cookies = Reply(404, "not found")
        self.asked: list[tuple[str, dict]] = []
        self.others: list[str] = []  # requests for cookie and crumb
        self.strangers: list[str] = []  # what was sent to no host of Yahoo's
        self.timeout: float | None = None  # in place of yfinance's
        self.address = ""
        self.released = threading.Event()  # lets go of those who wait for an answer that hangs
        self._lock = threading.Lock()

    @property
    def symbols(self) -> list[str]:
        """Return which symbols were asked for, in that order."""
        return [symbol for symbol, _ in self.asked]

    def reply(self, path: str, params: dict) -> Reply:
        """Return the answer to a request for a host and path, as in ``/query2.finance.yahoo.com/v8/…``."""
        symbol = unquote(path).partition("/v8/finance/chart/")[2]
        if not symbol:
            with self._lock:
                self.others.append(path)
            return Reply(body="a-crumb") if path.endswith("getcrumb") else self.cookies
        begin, end = int(params["period1"]), int(params["period2"])
        with self._lock:
            self.asked.append((symbol, {"period1": begin, "period2": end}))
            answer = self.answers.get(symbol, self.default)
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer = answer(begin, end)
        if isinstance(answer, Reply):
            return answer
        if isinstance(answer, dict) and "chart" not in answer:
            answer = chart(symbol, begin, end, **answer)
        return Reply(body=answer)


class Clock:
    """A clock that only waiting moves on, at once; those who wait at the same time wait together."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        self._time = 0.0
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        """Return the time."""
        return self._time

    def wait(self, stopped: threading.Event, seconds: float) -> bool:
        """Move the time on."""
        until = self._time + seconds
        with self._lock:
            self._time = max(self._time, until)
            self.waited.append(seconds)
        return stopped.is_set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the second write of an answer waits for 40 ms

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        yahoo = self.server.yahoo
        params = {name: values[0] for name, values in parse_qs(url.query).items()}
        reply = yahoo.reply(url.path, params)
        if reply.hangs:
            yahoo.released.wait()
            self.close_connection = True
            return
        body = (reply.body if isinstance(reply.body, str) else json.dumps(reply.body)).encode()
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: reply.cut_after])
        self.close_connection |= reply.cut_after is not None

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serve(yahoo: Yahoo) -> Iterator[None]:
    """Let `yahoo` answer on a port of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        server.yahoo = yahoo
        yahoo.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            yahoo.released.set()
            server.shutdown()
            thread.join()


def redirected(address: str, strangers: list[str], timeout: Callable[[], float | None]) -> Callable:
    """Return what stands in for `curl_cffi.requests.Session.request`: every session asks `address`.

    A host that is none of Yahoo's is kept in `strangers`, and not asked.
    """
    real = curl_cffi.requests.Session.request

    def request(self: curl_cffi.requests.Session, method: str, url: str, **kwargs: object) -> object:
        host, path = re.fullmatch(r"https://([^/]+)(.*)", url).groups()
        if host not in HOSTS:
            strangers.append(url)
            raise AssertionError(f"{url} is not to be asked")
        kwargs["timeout"] = timeout() or kwargs.get("timeout")
        return real(self, method, f"{address}/{host}{path}", **kwargs)

    return request


def chart(symbol: str, begin: int, end: int, *, kind: str = "ETF", zone: str = "America/New_York") -> dict:
    """Return Yahoo's answer: a bar at the open of each weekday from `begin` up to, not including, `end`."""
    days = pd.date_range(
        pd.Timestamp(begin, unit="s", tz="UTC").tz_convert(zone),
        pd.Timestamp(end, unit="s", tz="UTC").tz_convert(zone),
        inclusive="left",
    )
    days = days[days.day_of_week < 5]
    stamps = [int((day + pd.Timedelta(hours=9.5)).timestamp()) for day in days]
    prices = [100.0 + number for number in range(len(stamps))]
    quote = {name: list(prices) for name in ("open", "high", "low", "close")}
    meta = {
        "symbol": symbol,
        "currency": "USD",
        "instrumentType": kind,
        "exchangeTimezoneName": zone,
        "timezone": "EST",
        "gmtoffset": -18000,
        "regularMarketTime": stamps[-1],
        "firstTradeDate": stamps[0],
        "priceHint": 2,
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "max"],
    }
    return {
        "chart": {
            "error": None,
            "result": [
                {
                    "meta": meta,
                    "timestamp": stamps,
                    "events": {
                        "dividends": {str(stamps[1]): {"amount": 1.5, "date": stamps[1]}},
                        "splits": {
                            str(stamps[2]): {
                                "date": stamps[2],
                                "numerator": 2,
                                "denominator": 1,
                                "splitRatio": "2:1",
                            }
                        },
                    },
                    "indicators": {
                        "quote": [{**quote, "volume": [1_000 + number for number in range(len(stamps))]}],
                        "adjclose": [{"adjclose": [price * 0.9 for price in prices]}],
                    },
                }
            ],
        }
    }
