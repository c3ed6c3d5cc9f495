"""The clock of every command; what must know the time is given it, so that a test can set it."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)
