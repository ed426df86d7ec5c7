"""Clocks: who says what time it is when an event is admitted."""

from __future__ import annotations

import datetime as dt
from typing import Protocol


class Clock(Protocol):
    """Says what time it is."""

    @property
    def is_owned(self) -> bool:
        """Return True where the host or the stream moves the time, so timers run at their instant.

        With a clock that moves by itself timers are late by as much as the tick is, and an event
        that claims a time ahead of it is refused.
        """
        ...

    def now(self) -> dt.datetime:
        """Return an aware instant in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    is_owned = False

    def now(self) -> dt.datetime:
        """Return the machine's time."""
        return dt.datetime.now(dt.UTC)  # noqa: TID251  the shell's clock is the one that may


class VirtualClock:
    """A clock that stands still until it is moved; it never goes back.

    Args:
        start: aware instant; the epoch where left out.

    Raises:
        ValueError: ``start`` is naive.
    """

    is_owned = True

    def __init__(self, start: dt.datetime | None = None) -> None:
        self._now = _in_utc(start or dt.datetime.fromtimestamp(0, dt.UTC))

    def now(self) -> dt.datetime:
        """Return the instant it was moved to last."""
        return self._now

    def move_to(self, instant: dt.datetime) -> None:
        """Move forward to ``instant``; an earlier one leaves the clock where it is."""
        self._now = max(self._now, _in_utc(instant))

    def move(self, by: dt.timedelta) -> None:
        """Move forward by ``by``."""
        self.move_to(self._now + by)


def _in_utc(instant: dt.datetime) -> dt.datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone; give an aware datetime")
    return instant.astimezone(dt.UTC)
