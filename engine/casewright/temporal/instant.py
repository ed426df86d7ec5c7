"""Instants as whole microseconds since 1970 (UTC), the form that records and tables hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_us(instant: datetime) -> int:
    """Return an aware instant as microseconds since the epoch.

    Raises:
        ValueError: ``instant`` is naive.
    """
    try:
        since = instant - _EPOCH
    except TypeError:
        message = f"{instant.isoformat()} has no time zone; an instant needs an offset"
        raise ValueError(message) from None
    return since.days * DAY_US + since.seconds * SECOND_US + since.microseconds


def from_us(instant_us: int) -> datetime:
    """Return the aware instant, in UTC, of microseconds since the epoch.

    Raises:
        OverflowError: the instant is outside the years 1 to 9999.
    """
    return _EPOCH + timedelta(microseconds=instant_us)
