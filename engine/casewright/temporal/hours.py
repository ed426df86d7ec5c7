"""Opening hours as written: windows of weekdays, holidays and dates with hours of their own.

A *window* is ``(opens, closes)`` in microseconds since the midnight that begins its date; one that
runs past midnight closes after 24:00 of its own date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

from casewright.temporal.instant import DAY_US, SECOND_US

Window: TypeAlias = tuple[int, int]
WindowText: TypeAlias = str | Sequence[str]
Windows: TypeAlias = WindowText | Sequence[WindowText]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?|(24):00(?::00)?")


@dataclass(frozen=True, slots=True)
class Hours:
    """What a calendar says of each date, resolved and comparable.

    Attributes:
        weekly: windows of Monday to Sunday, ascending, those that touch made one.
        special: ``(day, windows)`` of holidays (without windows) and of dates with hours of their
            own, ascending; days count from 1970-01-01.
    """

    weekly: tuple[tuple[Window, ...], ...]
    special: tuple[tuple[int, tuple[Window, ...]], ...] = ()
    _by_day: dict[int, tuple[Window, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict[int, tuple[Window, ...]]
    )

    def __post_init__(self) -> None:
        self._by_day.update(self.special)

    def of(self, day: int) -> tuple[Window, ...]:
        """Return the windows that start on a date, given as days since 1970."""
        found = self._by_day.get(day)
        return self.weekly[(day + 3) % 7] if found is None else found

    @property
    def last_day(self) -> int | None:
        """Return the last day that opens, None where weeks open for ever, -1 where none does."""
        if any(self.weekly):
            return None
        return max((day for day, windows in self.special if windows), default=-1)

    @property
    def never_closes(self) -> bool:
        """Return whether every date is open all day."""
        day = ((0, DAY_US),)
        return all(windows == day for windows in self.weekly) and not self.special

    @property
    def never_opens(self) -> bool:
        """Return whether no date has a window."""
        return not any(self.weekly) and not any(windows for _, windows in self.special)

    def canonical(self) -> dict[str, Any]:
        """Return a JSON-able form that is equal exactly for equal hours."""
        return {
            "hours": {
                name: [_texts(window) for window in windows]
                for name, windows in zip(WEEKDAYS, self.weekly, strict=True)
                if windows
            },
            "dates": {
                str(date.fromordinal(day + _EPOCH_DAY)): [_texts(window) for window in windows]
                for day, windows in self.special
            },
        }


def read_hours(
    hours: Mapping[str, Windows],
    holidays: Iterable[str | date] = (),
    dates: Mapping[str, Windows] | Mapping[date, Windows] | None = None,
) -> Hours:
    """Return the hours that texts write.

    Args:
        hours: windows by weekday (``mon`` to ``sun``), each ``"08:00-12:00"`` or a pair of times; a
            weekday without an entry is closed.
        holidays: dates on which no window starts.
        dates: windows by date; they go before ``hours`` and ``holidays``.

    Raises:
        ValueError: a weekday, date or window is wrong; the message says what would be right.
    """
    weekly: list[tuple[Window, ...]] = [()] * 7
    for name, windows in hours.items():
        weekly[_weekday(name)] = read_windows(windows)
    special: dict[int, tuple[Window, ...]] = {read_day(day): () for day in holidays}
    for day, windows in (dates or {}).items():
        special[read_day(day)] = read_windows(windows)
    return Hours(tuple(weekly), tuple(sorted(special.items())))


def read_windows(windows: Windows) -> tuple[Window, ...]:
    """Return the windows of one date in order, those that touch or overlap made one.

    Raises:
        ValueError: a time is not a time, or both ends of a window are equal.
    """
    texts: Sequence[WindowText] = [windows] if isinstance(windows, str) else windows
    return merged(sorted(_window(text) for text in texts))


def read_day(text: str | date) -> int:
    """Return a date as days since 1970.

    Raises:
        ValueError: the text is not a date.
    """
    if isinstance(text, date):
        return (text.date() if isinstance(text, datetime) else text).toordinal() - _EPOCH_DAY
    try:
        return date.fromisoformat(text).toordinal() - _EPOCH_DAY
    except ValueError as err:
        raise ValueError(f'"{text}" is not a date; write for example "2026-12-25"') from err


def merged(intervals: Iterable[Window]) -> tuple[Window, ...]:
    """Return the union of intervals that ascend by start, empty ones left out."""
    union: list[Window] = []
    for start, end in intervals:
        if union and start <= union[-1][1]:
            if end > union[-1][1]:
                union[-1] = (union[-1][0], end)
        elif start < end:
            union.append((start, end))
    return tuple(union)


def _texts(window: Window) -> list[str]:
    """Return the times of a window as texts; hours past midnight go on after 24."""
    seconds = (window[0] // SECOND_US, window[1] // SECOND_US)
    return [f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}" for at in seconds]


def _weekday(name: str) -> int:
    if name in WEEKDAYS:
        return WEEKDAYS.index(name)
    import difflib

    near = difflib.get_close_matches(name.lower()[:3], WEEKDAYS, n=1)
    cure = f'did you mean "{near[0]}"?' if near else f"write one of {', '.join(WEEKDAYS)}"
    raise ValueError(f'unknown weekday "{name}"; {cure}')


def _window(text: WindowText) -> Window:
    ends = [part.strip() for part in text.split("-")] if isinstance(text, str) else list(text)
    shown = text if isinstance(text, str) else "-".join(ends)
    if len(ends) != 2:
        raise ValueError(f'"{shown}" is not a window; write for example "08:00-12:00"')
    opens, closes = _time(ends[0]), _time(ends[1])
    if opens == closes:
        raise ValueError(
            f'the window "{shown}" opens and closes at the same time; '
            'write "00:00-24:00" for the whole day, or leave it out'
        )
    if opens == DAY_US:
        raise ValueError(f'the window "{shown}" opens at 24:00; write "00:00" on the next day')
    return (opens, closes) if opens < closes else (opens, closes + DAY_US)


def _time(text: str) -> int:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not a time of day; write "08:00", or "24:00" for its end')
    hours, minutes, seconds, end = match.groups()
    if end:
        return DAY_US
    return (int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)) * SECOND_US
