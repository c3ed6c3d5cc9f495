"""95 % intervals: resampled for Sharpe ratios and shares, exact for probabilities and quantiles."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.stats import beta, binom

from plumbline.engine.resampling import resampled_means, resampled_sharpes, stationary_sources
from plumbline.engine.types import Bools, Floats, Ints

EDGE = 0.025  # of the draws lie below an interval, and as many above
UNKNOWN = (np.nan, np.nan)


class Intervals:
    """Intervals from resampled histories; series of one length share their draws, so they are paired.

    Parameters
    ----------
    drawn
        Draws, mean block in sessions and seed of stationary resampling; None where no interval is asked for,
        and all are unknown.
    """

    def __init__(self, drawn: Mapping | None) -> None:
        self._drawn = drawn
        self._sources: dict[tuple[int, float], Ints] = {}

    @property
    def asked(self) -> bool:
        """Whether there are any."""
        return self._drawn is not None

    def _source(self, sessions: int, block: float) -> Ints:
        key = sessions, block
        if key not in self._sources:
            self._sources[key] = stationary_sources(
                sessions, self._drawn["draws"], block, self._drawn["seed"]
            )
        return self._sources[key]

    def drawn(self, returns: Floats) -> Floats:
        """Return the Sharpe ratio of each draw from daily returns, (draws,)."""
        return resampled_sharpes(returns, self._source(len(returns), self._drawn["block"]))

    def of_sharpe(self, returns: Floats, beside: Floats | None = None) -> tuple[float, float]:
        """Return the interval of a Sharpe ratio, or of what it lies above that of another series."""
        if self._drawn is None:
            return UNKNOWN
        draws = self.drawn(returns)
        return quantiles(draws if beside is None else draws - self.drawn(beside))

    def of_share(self, is_so: Bools, block: float) -> tuple[float, float]:
        """Return the interval of a share of sessions that hang on each other over `block` sessions."""
        if self._drawn is None:
            return UNKNOWN
        return quantiles(resampled_means(is_so.astype(float)[:, None], self._source(len(is_so), block))[:, 0])

    def of_ratio(self, part: Floats, whole: Floats) -> tuple[float, float]:
        """Return the interval of sum(part) / sum(whole) over cases: see `of_cases`."""
        return self.of_cases(lambda cases: part[cases].sum() / whole[cases].sum(), len(whole))

    def of_cases(self, statistic: Callable[[Ints], float], cases: int) -> tuple[float, float]:
        """Return the interval of a statistic of cases, given their places, drawn with replacement.

        Efron (1979), "Bootstrap Methods". Unknown where there are fewer than two cases.
        """
        if self._drawn is None or cases < 2:
            return UNKNOWN
        generator = np.random.default_rng(self._drawn["seed"])
        drawn = generator.integers(cases, size=(self._drawn["draws"], cases))
        return quantiles(np.array([statistic(places) for places in drawn]))


def quantiles(draws: Floats) -> tuple[float, float]:
    """Return what 95 % of the finite draws lie between."""
    known = draws[np.isfinite(draws)]
    return tuple(np.quantile(known, [EDGE, 1.0 - EDGE])) if len(known) else UNKNOWN


def binomial_interval(count: int, trials: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a probability: Clopper and Pearson (1934)."""
    lower = beta.ppf(EDGE, count, trials - count + 1) if count else 0.0
    upper = beta.ppf(1.0 - EDGE, count + 1, trials - count) if count < trials else 1.0
    return float(lower), float(upper)


def quantile_interval(values: Floats, share: float) -> tuple[float, float]:
    """Return the 95 % interval of a quantile, free of any distribution: Conover (1999), section 3.2.

    NaN at an end that would lie outside what there is.
    """
    ordered = np.sort(values)
    first = int(binom.ppf(EDGE, len(ordered), share)) - 1
    last = int(binom.ppf(1.0 - EDGE, len(ordered), share))
    return (
        float(ordered[first]) if first >= 0 else np.nan,
        float(ordered[last]) if last < len(ordered) else np.nan,
    )
