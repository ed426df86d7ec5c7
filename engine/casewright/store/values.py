"""FEEL values as JSON that keeps their types, for what goes out later.

Cases and events are dumped by a program, which knows declared types. The data of an effect has no
declaration by the time it is delivered, so each value that JSON lacks is written as an object with
one key: ``{"$date": "2026-03-02"}``. A map that has such a key itself is wrapped in ``$map``.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from casewright.feel.values import Range, Time, YearsMonths
from casewright.temporal import Duration, parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ATOMS = frozenset({str, bool, int, type(None)})


def plain(value: Any) -> Any:
    """Return ``value`` as what ``json`` can write; ``typed`` is its inverse."""
    kind = type(value)  # pyright: ignore[reportUnknownVariableType]  any value
    if kind in _ATOMS:
        return value
    if kind is dict:
        tagged = {str(k): v if type(v) in _ATOMS else plain(v) for k, v in value.items()}
        return {"$map": tagged} if any(k[:1] == "$" for k in tagged) else tagged
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]  # pyright: ignore[reportUnknownVariableType]  a list of anything
    for writer, (tag, write) in _WRITERS.items():
        if isinstance(value, writer):
            return {tag: write(value)}
    return _plain_feel(value)


def typed(value: Any) -> Any:
    """Return the value that ``plain`` was given; tuples come back as lists."""
    if isinstance(value, list):
        return [typed(v) for v in value]  # pyright: ignore[reportUnknownVariableType]  a list of anything
    if not isinstance(value, dict):
        return value
    items: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]  JSON objects have text keys
    if len(items) == 1:
        ((tag, inner),) = items.items()
        if tag == "$map":
            return {k: typed(v) for k, v in inner.items()}
        if tag in _READERS:
            return _READERS[tag](inner)
    return {k: typed(v) for k, v in items.items()}


def _write_instant(value: dt.datetime) -> str:
    zone = value.tzinfo
    return f"{value.isoformat()}@{zone.key}" if isinstance(zone, ZoneInfo) else value.isoformat()


def _read_instant(text: str) -> dt.datetime:
    instant, _, zone = text.partition("@")
    value = dt.datetime.fromisoformat(instant)
    return value.astimezone(ZoneInfo(zone)) if zone else value


def _write_days_time(value: dt.timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


# datetime goes before date, of which it is a kind
_WRITERS: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    dt.datetime: ("$date_time", _write_instant),
    dt.date: ("$date", dt.date.isoformat),
    dt.timedelta: ("$duration", _write_days_time),
    Decimal: ("$number", str),
    Duration: ("$span", str),
}


def _plain_feel(value: Any) -> Any:
    if isinstance(value, YearsMonths):
        return {"$months": value.total}
    if isinstance(value, Time):
        parts = [value.hour, value.minute, value.second, value.microsecond]
        return {"$time": [*parts, _write_zone(value)]}
    if isinstance(value, Range):
        ends = [plain(value.start), plain(value.end), value.start_included, value.end_included]
        return {"$range": [*ends, value.operator]}
    raise TypeError(f"a {type(value).__name__} is no FEEL value")


def _write_zone(value: Time) -> str | int | None:
    if isinstance(value.tzinfo, ZoneInfo):
        return value.tzinfo.key
    return None if value.offset is None else int(value.offset.total_seconds())


def _read_time(parts: list[Any]) -> Time:
    hour, minute, second, micros, zone = parts
    if isinstance(zone, int):
        return Time(hour, minute, second, micros, dt.timezone(dt.timedelta(seconds=zone)))
    return Time(hour, minute, second, micros, ZoneInfo(zone) if zone else None)


def _read_range(parts: list[Any]) -> Range:
    start, end, with_start, with_end, operator = parts
    return Range(typed(start), typed(end), with_start, with_end, operator)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "$date_time": _read_instant,
    "$date": dt.date.fromisoformat,
    "$duration": lambda parts: dt.timedelta(*parts),
    "$number": Decimal,
    "$span": parse_duration,
    "$months": YearsMonths,
    "$time": _read_time,
    "$range": _read_range,
}
