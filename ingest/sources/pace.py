"""How fast Yahoo is asked: one pace for all workers, slower once it complains, ended if it stays mute."""

import math
import random
import threading
from collections.abc import Callable

from ingest import clock
from ingest.errors import StoppedEarly

REQUESTS_A_SECOND = 2.0

# After the n-th refusal in a row, all wait for FIRST_WAIT * 2 ** (n - 1) seconds: four waits, two minutes
# and a half, before Yahoo is left alone.
REFUSALS_IN_A_ROW = 5
FIRST_WAIT = 10.0
_JITTER = 0.25
# Asked to wait for longer than this, nobody sits and watches.
LONGEST_WAIT = 300.0

# Without an answer for this many symbols in a row, there will be none for the rest either.
UNANSWERED_IN_A_ROW = 5

_SLOWEST = 8.0  # seconds from one request to the next, however often Yahoo has complained

_AGAIN = "run the same command again {when}: it goes on where this one stopped"


class Pace:
    """When the next request may be sent, whoever of the workers sends it.

    Parameters
    ----------
    a_second
        Requests a second at most.
    now, wait
        The clock: seconds that only grow, and what waits for an event with a time-out.
    """

    def __init__(
        self,
        a_second: float = REQUESTS_A_SECOND,
        *,
        now: Callable[[], float] = clock.monotonic,
        wait: Callable[[threading.Event, float], bool] = clock.wait,
    ) -> None:
        self._now, self._wait = now, wait
        self._interval = 1 / a_second
        self._lock = threading.Lock()
        self._next_at = now()
        self._slowed_at = -math.inf
        self._refusals = self._unanswered = 0
        self._stopped = threading.Event()
        self._reason = ""

    def turn(self) -> float:
        """Wait until a request may be sent; return the time at which it is."""
        while True:
            self._check()
            with self._lock:
                now = self._now()
                if now >= self._next_at:
                    self._next_at = now + self._interval
                    return now
                seconds = self._next_at - now
            # Others wait for the same moment, and Yahoo may complain meanwhile: look again after.
            self.sleep(seconds)

    def sleep(self, seconds: float) -> None:
        """Wait this long; a stop ends it.

        Raises
        ------
        StoppedEarly
            Yahoo will not be asked again.
        """
        self._wait(self._stopped, seconds)
        self._check()

    def answered(self, sent_at: float) -> None:
        """Take note that Yahoo answers what was sent then."""
        with self._lock:
            self._unanswered = 0
            if sent_at > self._slowed_at:
                self._refusals = 0

    def refused(self, sent_at: float, retry_after: float | None) -> float:
        """Take note that Yahoo limits the rate; return how many seconds everybody waits now.

        Parameters
        ----------
        sent_at
            When the request was sent. One that was under way when another was refused says nothing new.
        retry_after
            The seconds that Yahoo asks for, if it does.

        Raises
        ------
        StoppedEarly
            It has done so too often in a row, or asks for too long a wait.
        """
        with self._lock:
            now = self._now()
            if sent_at > self._slowed_at:
                self._refusals += 1
                self._slowed_at = now
                self._interval = min(2 * self._interval, _SLOWEST)
                backoff = FIRST_WAIT * 2 ** (self._refusals - 1) * random.uniform(1, 1 + _JITTER)
                self._next_at = max(self._next_at, now + max(backoff, retry_after or 0))
            refusals, seconds = self._refusals, self._next_at - now
        if retry_after is not None and retry_after > LONGEST_WAIT:
            self.stop(
                f"Yahoo limits the rate of requests and asks to wait for {retry_after / 60:.0f} minutes; "
                + _AGAIN.format(when="then")
            )
        elif refusals >= REFUSALS_IN_A_ROW:
            self.stop(
                f"Yahoo limits the rate of requests ({refusals} refusals in a row); "
                + _AGAIN.format(when="in an hour or so")
            )
        self._check()
        return seconds

    def gave_up(self, reason: str) -> None:
        """Take note that one symbol stays without an answer, however often it was asked for.

        Raises
        ------
        StoppedEarly
            It is one of too many in a row.
        """
        with self._lock:
            self._unanswered += 1
            unanswered = self._unanswered
        if unanswered >= UNANSWERED_IN_A_ROW:
            self.stop(
                f"Yahoo gives no answer for {unanswered} symbols in a row ({reason}); check the network "
                "connection, then " + _AGAIN.format(when="later")
            )
            self._check()

    def stop(self, reason: str) -> None:
        """Let every worker that waits, or would, raise `StoppedEarly`; the first reason given counts."""
        with self._lock:
            self._reason = self._reason or reason
        self._stopped.set()

    def _check(self) -> None:
        if self._stopped.is_set():
            raise StoppedEarly(self._reason)
