"""Yahoo, as yfinance sees it: answers in the shape of its chart API, and who gives them."""

import json
from types import SimpleNamespace

import pandas as pd
from yfinance.data import YfData


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


class Yahoo:
    """Stands where yfinance would send a request: answers, or raises, by symbol; keeps what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}
        self.asked: list[tuple[str, dict]] = []

    def __call__(self, data: YfData, url: str, request_method: object, **kwargs: dict) -> SimpleNamespace:
        symbol = url.rsplit("/", 1)[-1]
        params = kwargs["params"] or {}
        self.asked.append((symbol, dict(params)))
        answer = self.answers[symbol]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer = answer(params["period1"], params["period2"])
        if isinstance(answer, str):
            text = answer
        else:
            shape = (
                answer if "chart" in answer else chart(symbol, params["period1"], params["period2"], **answer)
            )
            text = json.dumps(shape)
        return SimpleNamespace(text=text, json=lambda: json.loads(text), url=url, status_code=200)
