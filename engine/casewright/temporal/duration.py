"""Durations as specs write them: a number and a unit that is never converted.

Four units differ in kind. ``real`` is time on any wall, ``business`` is open time of a calendar,
``business_days`` are its working dates and ``days`` are dates of its zone. Eight business hours are
not a third of a day, so a :class:`Duration` keeps its unit and compares only with its like.

ISO 8601 durations are read too: days and weeks are dates, hours, minutes and seconds are real time.
One that has both, such as ``P1DT2H``, is refused, because it could only be read by converting one
into the other; months and years are refused, because they have no fixed length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import timedelta

Unit = Literal["real", "business", "business_days", "days"]

_WORDS = re.compile(r"(\d+(?:\.\d+)?)\s+(business\s+)?([a-z]+)")
_ISO = re.compile(
    r"([-+]?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_DAYS = {"day": 1, "week": 7}
_EXAMPLES = '"90 minutes", "8 business hours", "2 business days", "14 days" or "PT8H"'


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in one of the four units of a spec.

    Attributes:
        unit: what is counted.
        amount: seconds for ``real`` and ``business``, otherwise whole days. Negative only where
            FEEL or ISO 8601 text made it so.
    """

    unit: Unit
    amount: int

    def __str__(self) -> str:
        """Return the text that :func:`parse_duration` reads back as this value."""
        if self.unit in ("days", "business_days"):
            return _counted(self.amount, "day", "business " if self.unit != "days" else "")
        word = next(w for w in ("hour", "minute", "second") if self.amount % _SECONDS[w] == 0)
        business = "business " if self.unit != "real" else ""
        return _counted(self.amount // _SECONDS[word], word, business)

    def __lt__(self, other: Duration) -> bool:
        return self.amount < self._like(other).amount

    def __le__(self, other: Duration) -> bool:
        return self.amount <= self._like(other).amount

    def __gt__(self, other: Duration) -> bool:
        return self.amount > self._like(other).amount

    def __ge__(self, other: Duration) -> bool:
        return self.amount >= self._like(other).amount

    def _like(self, other: object) -> Duration:
        if isinstance(other, Duration) and other.unit == self.unit:
            return other
        raise TypeError(f'"{self}" compares only with a duration of its unit, not with "{other}"')


@lru_cache(maxsize=1024)
def parse_duration(text: str) -> Duration:
    """Return the duration that ``text`` writes.

    Args:
        text: words such as ``8 business hours`` or ISO 8601 such as ``PT8H`` and ``P10D``.

    Raises:
        ValueError: ``text`` is not a duration; the message says what would be one.
    """
    text = text.strip()
    if words := _WORDS.fullmatch(text):
        return _from_words(text, words)
    if (iso := _ISO.fullmatch(text)) and any(part for part in iso.groups()[1:] if part != "T"):
        return _from_iso(text, iso)
    raise ValueError(f'"{text}" is not a duration; {_meant(text)}')


def dump_duration(duration: Duration) -> str:
    """Return the text of a duration, for JSON; :func:`parse_duration` reads it."""
    return str(duration)


def from_timedelta(length: timedelta) -> Duration:
    """Return a length of real time as a duration, rounded up to whole seconds."""
    up = 1 if length.microseconds else 0
    return Duration("real", length.days * 86_400 + length.seconds + up)


def _counted(amount: int, word: str, business: str) -> str:
    if amount < 0 and not business:
        return f"-P{-amount}D" if word == "day" else f"-PT{-amount}{word[0].upper()}"
    return f"{amount} {business}{word}{'' if amount == 1 else 's'}"


def _from_words(text: str, words: re.Match[str]) -> Duration:
    number, business, word = words.groups()
    amount, singular = Decimal(number), word.removesuffix("s")
    if singular in _SECONDS:
        seconds = _whole(text, amount * _SECONDS[singular], "seconds")
        return Duration("business" if business else "real", seconds)
    if singular == "day" or (singular == "week" and not business):
        days = _whole(text, amount * _DAYS[singular], "days")
        return Duration("business_days" if business else "days", days)
    raise ValueError(_unknown_unit(text, business, word))


def _meant(text: str) -> str:
    """Return the cure of a text that writes no duration."""
    import difflib

    number, _, words = text.partition(" ")
    first, _, rest = words.partition(" ")
    if number.isdigit() and rest and difflib.get_close_matches(first, ["business"], 1):
        return f'did you mean "{number} business {rest}"?'
    return f"write for example {_EXAMPLES}"


def _unknown_unit(text: str, business: str | None, word: str) -> str:
    if word.removesuffix("s") in ("month", "year"):
        return f'"{text}" has no fixed length; count it in days'
    if word.removesuffix("s") == "week":
        return f'"{text}" is not a duration; count it in business days'
    known = ("seconds", "minutes", "hours", "days", "weeks")
    import difflib

    near = difflib.get_close_matches(word, known, n=1)
    if business or word == "business" or not near:
        cure = f"write for example {_EXAMPLES}"
        return f'unknown unit in the duration "{text}"; ' + (
            f'did you mean "business {near[0]}"?' if business and near else cure
        )
    return f'unknown unit in the duration "{text}"; did you mean "{near[0]}"?'


def _from_iso(text: str, iso: re.Match[str]) -> Duration:
    sign, years, months, weeks, days, _, hours, minutes, seconds = iso.groups()
    if int(years or 0) or int(months or 0):
        raise ValueError(f'"{text}" has months or years, which have no fixed length; count days')
    factor = -1 if sign == "-" else 1
    dates = int(weeks or 0) * 7 + int(days or 0)
    exact = int(hours or 0) * 3600 + int(minutes or 0) * 60 + Decimal(seconds or 0)
    real = _whole(text, exact, "seconds")
    if dates and real:
        raise ValueError(
            f'"{text}" mixes days, which are dates, with real time; '
            f'write "{Duration("real", dates * 86_400 + real)}" or "{Duration("days", dates)}"'
        )
    if dates or not (hours or minutes or seconds):
        return Duration("days", factor * dates)
    return Duration("real", factor * real)


def _whole(text: str, amount: Decimal, unit: str) -> int:
    if amount != amount.to_integral_value():
        raise ValueError(f'"{text}" is not a whole number of {unit}')
    return int(amount)
