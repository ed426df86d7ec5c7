"""Compares what a scenario says with what a case holds.

Values in YAML are texts, numbers and booleans; those in a case are typed. The case's value decides
how the text beside it is read, so ``2026-03-02T10:00:00Z`` is an instant where a field holds one.
Maps are partial: keys that are not named are not looked at. Lists are complete.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias, cast

from casewright import feel
from casewright.temporal import Duration, parse_duration
from casewright.testing.results import shown

Translate: TypeAlias = Callable[[Any], Any]
Pair: TypeAlias = tuple[str, Any, Any]


def differences(path: str, expected: Any, came: Any, translate: Translate) -> Iterator[Pair]:
    """Yield path, expected and came of everything that differs.

    Args:
        path: of the value, in dots.
        expected: literal of the scenario.
        came: FEEL value, record or view.
        translate: turns a literal that stands for something else (a case's name, ``= feel``).
    """
    expected = translate(expected)
    if isinstance(expected, Mapping):
        members = cast("Mapping[str, Any]", expected)
        if came is None:
            yield path, members, None
            return
        for key, value in members.items():
            yield from differences(f"{path}.{key}", value, member(came, key), translate)
    elif isinstance(expected, list | tuple):
        items = [translate(item) for item in cast("Sequence[Any]", expected)]
        if not _same_list(items, came, translate):
            yield path, items, came
    elif not is_same(expected, came):
        yield path, expected, came


def member(value: Any, key: str) -> Any:
    """Return a key of a map, or an attribute of a record; None where there is none."""
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value).get(key)
    return getattr(value, key, None)


def is_same(expected: Any, came: Any) -> bool:
    """Return True if a literal stands for the value that came."""
    if expected is None or came is None:
        return expected is None and came is None
    if isinstance(expected, bool) or isinstance(came, bool):
        return expected is came
    if isinstance(expected, str) and not isinstance(came, str):
        return _reads_as(expected, came)
    return bool(expected == came)


def counted(names: Sequence[str]) -> dict[str, int]:
    """Return how often each name occurs, in order of first occurrence."""
    return dict(Counter(names))


def _same_list(expected: list[Any], came: Any, translate: Translate) -> bool:
    if not isinstance(came, list | tuple):
        return False
    items = cast("Sequence[Any]", came)
    return len(items) == len(expected) and not any(
        any(differences("", want, got, translate))
        for want, got in zip(expected, items, strict=True)
    )


def _reads_as(text: str, came: Any) -> bool:
    try:
        return bool(_read(text, came) == came)
    except (ValueError, TypeError, ArithmeticError):
        return False


def _read(text: str, came: Any) -> Any:
    if isinstance(came, dt.datetime):
        return dt.datetime.fromisoformat(text)
    if isinstance(came, dt.date):
        return dt.date.fromisoformat(text)
    if isinstance(came, Duration | dt.timedelta | feel.YearsMonths):
        return _read_duration(text, came)
    if isinstance(came, int | Decimal):
        return Decimal(text)
    return text if str(came) == text else None


def _read_duration(text: str, came: Any) -> Any:
    if isinstance(came, Duration):
        return parse_duration(text)
    if text.lstrip("-").startswith("P"):
        return feel.evaluate("duration(text)", {"text": text})
    return _real(text)


def _real(text: str) -> dt.timedelta | None:
    duration = parse_duration(text)
    seconds_a_unit = {"real": 1, "business": 1, "days": 86_400}
    factor = seconds_a_unit.get(duration.unit)
    return None if factor is None else dt.timedelta(seconds=duration.amount * factor)


def names_of(expected: Any) -> list[tuple[str, Any]]:
    """Return what ``notified``, ``created`` and ``published`` may say, in one form.

    Returns:
        name and detail of each item: None for a bare name, a number for ``{name: 2}``, receivers
        for ``{name: [ids]}``.

    Raises:
        ValueError: it is neither a name, a list nor a map.
    """
    if expected is None:
        return []
    if isinstance(expected, str):
        return [(expected, None)]
    if isinstance(expected, Mapping):
        return list(cast("Mapping[str, Any]", expected).items())
    if isinstance(expected, list | tuple):
        found: list[tuple[str, Any]] = []
        for item in cast("Sequence[Any]", expected):
            found += names_of(item)
        return found
    raise ValueError(f"{shown(expected)} is neither a name, a list nor a map")
