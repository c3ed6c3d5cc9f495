"""The exchanges that a listing may come from instead of New York."""

from typing import NamedTuple


class Exchange(NamedTuple):
    """An exchange: its calendar's code, its place, and how Yahoo ends its symbols."""

    code: str
    place: str
    suffixes: str


# Of exchanges with the same days the first is named.
EXCHANGES = (
    Exchange("XTSE", "Toronto", "TO V CN NE"),
    Exchange("XLON", "London", "L IL"),
    Exchange("XETR", "Frankfurt", "DE F BE DU HM HA MU SG"),
    Exchange("XPAR", "Paris", "PA"),
    Exchange("XAMS", "Amsterdam", "AS"),
    Exchange("XBRU", "Brussels", "BR"),
    Exchange("XLIS", "Lisbon", "LS"),
    Exchange("XMIL", "Milan", "MI"),
    Exchange("XMAD", "Madrid", "MC"),
    Exchange("XSWX", "Zurich", "SW"),
    Exchange("XWBO", "Vienna", "VI"),
    Exchange("XSTO", "Stockholm", "ST"),
    Exchange("XCSE", "Copenhagen", "CO"),
    Exchange("XHEL", "Helsinki", "HE"),
    Exchange("XOSL", "Oslo", "OL"),
    Exchange("XDUB", "Dublin", "IR"),
    Exchange("XICE", "Reykjavik", "IC"),
    Exchange("XWAR", "Warsaw", "WA"),
    Exchange("XBUD", "Budapest", "BD"),
    Exchange("ASEX", "Athens", "AT"),
    Exchange("XIST", "Istanbul", "IS"),
    Exchange("XTAE", "Tel Aviv", "TA"),
    Exchange("XSAU", "Riyadh", "SR"),
    Exchange("XJSE", "Johannesburg", "JO"),
    Exchange("XTKS", "Tokyo", "T"),
    Exchange("XHKG", "Hong Kong", "HK"),
    Exchange("XSHG", "Shanghai", "SS SZ"),
    Exchange("XKRX", "Seoul", "KS KQ"),
    Exchange("XTAI", "Taipei", "TW TWO"),
    Exchange("XBOM", "Mumbai", "BO NS"),
    Exchange("XSES", "Singapore", "SI"),
    Exchange("XKLS", "Kuala Lumpur", "KL"),
    Exchange("XBKK", "Bangkok", "BK"),
    Exchange("XIDX", "Jakarta", "JK"),
    Exchange("XASX", "Sydney", "AX"),
    Exchange("XNZE", "Wellington", "NZ"),
    Exchange("BVMF", "Sao Paulo", "SA"),
    Exchange("XMEX", "Mexico City", "MX"),
    Exchange("XSGO", "Santiago", "SN"),
    Exchange("XBUE", "Buenos Aires", "BA"),
)
_BY_SUFFIX = {suffix: exchange for exchange in EXCHANGES for suffix in exchange.suffixes.split()}


def exchange_of_symbol(symbol: str) -> Exchange | None:
    """Return the exchange that Yahoo's suffix of a symbol names, None where it has none."""
    name, _, suffix = symbol.rpartition(".")
    return _BY_SUFFIX.get(suffix) if name else None
