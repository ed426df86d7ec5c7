"""Sets of values that something may have: null, truths, numbers, texts, and all the rest as one.

Numbers and texts are kept as cuts of their line, so that comparisons with literals are exact. Any
other value (a date, a list) is only there or not: of these nothing is ever said for sure.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

_BEFORE, _BEHIND = 0, 1
_Cut = tuple[Any, int]
"""A place on a line: right before a value, or right behind it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A part of an ordered line: inside or outside at its beginning, changing at each cut."""

    begins_inside: bool = False
    cuts: tuple[_Cut, ...] = ()

    def __bool__(self) -> bool:
        return self.begins_inside or bool(self.cuts)

    def without(self) -> Line:
        """Return all the rest of the line."""
        return Line(not self.begins_inside, self.cuts)

    def both(self, other: Line) -> Line:
        """Return what lies in this part and in another."""
        if not self or not other:
            return EMPTY
        if self == FULL:
            return other
        if other == FULL:
            return self
        if len(self.cuts) == len(other.cuts) == 2 and not (
            self.begins_inside or other.begins_inside
        ):
            low, high = max(self.cuts[0], other.cuts[0]), min(self.cuts[1], other.cuts[1])
            return Line(cuts=(low, high)) if low < high else EMPTY
        inside = [self.begins_inside, other.begins_inside]
        marks = sorted([(cut, 0) for cut in self.cuts] + [(cut, 1) for cut in other.cuts])
        cuts: list[_Cut] = []
        was = all(inside)
        for index, (cut, of) in enumerate(marks):
            inside[of] = not inside[of]
            if index + 1 < len(marks) and marks[index + 1][0] == cut:
                continue
            now = all(inside)
            if now != was:
                cuts.append(cut)
                was = now
        return Line(self.begins_inside and other.begins_inside, tuple(cuts))

    def either(self, other: Line) -> Line:
        """Return what lies in this part or in another."""
        if not self or not other:
            return other if other else self
        return self.without().both(other.without()).without()

    def has_whole(self) -> bool:
        """Return whether a whole number lies in this part of the line of numbers."""
        if self.begins_inside or len(self.cuts) % 2 == 1:
            return True
        pairs = zip(self.cuts[::2], self.cuts[1::2], strict=True)
        return any(_next_whole(low) <= _last_whole(high) for low, high in pairs)

    def points(self) -> int | None:
        """Return how many values are in it, None where they are not told one by one."""
        if self.begins_inside or len(self.cuts) % 2 == 1:
            return None
        pairs = zip(self.cuts[::2], self.cuts[1::2], strict=True)
        is_told = all(low == (high[0], _BEFORE) and high[1] == _BEHIND for low, high in pairs)
        return len(self.cuts) // 2 if is_told else None

    def point(self) -> Any:
        """Return the one value in it, None where there is another number of them."""
        if self.begins_inside or len(self.cuts) != 2:
            return None
        (low, side), (high, other) = self.cuts
        return low if (low, side, other) == (high, _BEFORE, _BEHIND) else None


EMPTY = Line()
FULL = Line(begins_inside=True)


def _next_whole(cut: _Cut) -> int:
    """Return the first whole number behind a cut."""
    value, side = cut
    floor = int(Decimal(value).to_integral_value("ROUND_FLOOR"))
    return floor if floor == value and side == _BEFORE else floor + 1


def _last_whole(cut: _Cut) -> int:
    """Return the last whole number before a cut."""
    value, side = cut
    floor = int(Decimal(value).to_integral_value("ROUND_FLOOR"))
    return floor - 1 if floor == value and side == _BEFORE else floor


def _line(op: str, value: Any) -> Line:
    """Return the values of which ``op value`` is true, on the line of that value."""
    match op:
        case "=":
            return Line(False, ((value, _BEFORE), (value, _BEHIND)))
        case "<":
            return Line(True, ((value, _BEFORE),))
        case "<=":
            return Line(True, ((value, _BEHIND),))
        case ">":
            return Line(False, ((value, _BEHIND),))
        case ">=":
            return Line(False, ((value, _BEFORE),))
        case _:
            return _line("=", value).without()


@dataclass(frozen=True, slots=True)
class Values:
    """A set of values.

    Attributes:
        whole: of the numbers only those without a fraction.
        rest: everything that is neither null, a truth, a number nor a text.
    """

    null: bool = False
    truths: frozenset[bool] = frozenset()
    numbers: Line = EMPTY
    texts: Line = EMPTY
    whole: bool = False
    rest: bool = False

    def __bool__(self) -> bool:
        if self.null or self.truths or self.texts or self.rest:
            return True
        return self.numbers.has_whole() if self.whole else bool(self.numbers)

    def both(self, other: Values) -> Values:
        """Return the values that are in both sets."""
        if other is ANY or self is ANY:
            return self if other is ANY else other
        return Values(
            self.null and other.null,
            self.truths & other.truths,
            self.numbers.both(other.numbers),
            self.texts.both(other.texts),
            self.whole or other.whole,
            self.rest and other.rest,
        )

    def either(self, other: Values) -> Values:
        """Return the values that are in one of the sets."""
        numbers = self.numbers.either(other.numbers)
        whole = (self.whole or not self.numbers) and (other.whole or not other.numbers)
        return Values(
            self.null or other.null,
            self.truths | other.truths,
            numbers,
            self.texts.either(other.texts),
            whole and bool(numbers),
            self.rest or other.rest,
        )

    def without(self) -> Values:
        """Return all values that are not in this set, which is not one of whole numbers."""
        return Values(
            not self.null,
            frozenset({True, False}) - self.truths,
            self.numbers.without(),
            self.texts.without(),
            rest=not self.rest,
        )

    def within(self, other: Values) -> bool:
        """Return whether all of these values are in another set too."""
        return self == other or not self.both(other.without())

    def and_null(self) -> Values:
        """Return the set with null in it."""
        return self if self.null else self.either(NULL)

    @property
    def size(self) -> int | None:
        """Return how many values other than null there are, None where that is not known."""
        if self.rest:
            return None
        points = [line.points() for line in (self.numbers, self.texts)]
        if None in points:
            return None
        return len(self.truths) + sum(known for known in points if known is not None)

    @property
    def pinned(self) -> object:
        """Return the one text or number that it is, or a truth; None for any other set."""
        if self.null or self.rest or (self.truths and (self.numbers or self.texts)):
            return None
        if self.truths:
            return next(iter(self.truths)) if len(self.truths) == 1 else None
        if self.numbers:
            return None if self.texts else self.numbers.point()
        return self.texts.point()


CONSTANTS = (bool, int, Decimal, str)
"""Kinds of values, apart from null, of which sets can be made."""
NOTHING = Values()
NULL = Values(null=True)
TRUE = Values(truths=frozenset({True}))
FALSE = Values(truths=frozenset({False}))
TRUTHS = Values(truths=frozenset({True, False}))
NUMBERS = Values(numbers=FULL)
WHOLE = Values(numbers=FULL, whole=True)
TEXTS = Values(texts=FULL)
REST = Values(rest=True)
ANY = NOTHING.without()


def points(values: Iterable[object]) -> Values:
    """Return a set of constants."""
    return union([compared("=", value)[0] for value in values])


def union(sets: Sequence[Values]) -> Values:
    """Return the values that are in one of the sets."""
    return _merged(sets, Values.either) if sets else NOTHING


def intersection(sets: Sequence[Values]) -> Values:
    """Return the values that are in all of the sets."""
    return _merged(sets, Values.both) if sets else ANY


def _merged(sets: Sequence[Values], of_two: Callable[[Values, Values], Values]) -> Values:
    """Return all sets made one, two and two, so that many small ones cost little."""
    left = list(sets)
    while len(left) > 1:
        pairs = zip(left[::2], left[1::2], strict=False)
        odd = left[-1:] if len(left) % 2 else []
        left = [of_two(one, two) for one, two in pairs] + odd
    return left[0]


def compared(op: str, value: object) -> tuple[Values, Values]:
    """Return the values of which ``value op constant`` is true, and those of which it is false.

    Null equals null and nothing else; of values of unlike kinds nothing is true or false.

    Args:
        value: null, a truth, a number or a text.
    """
    return _compared(op, value, type(value).__name__)


def forget() -> None:
    """Let go of the values that constants were compared with; other specs have others."""
    _compared.cache_clear()


@lru_cache(maxsize=4_096)
def _compared(op: str, value: Hashable, _kind_of: Hashable) -> tuple[Values, Values]:
    equals = op in ("=", "!=")
    if value is None:
        holds = NULL if op == "=" else NULL.without() if op == "!=" else NOTHING
        return holds, holds.without() if equals else NOTHING
    kind = _kind(value)
    if kind is TRUTHS:
        same = Values(truths=frozenset({bool(value)}))
        holds = same if op == "=" else TRUTHS.both(same.without()) if op == "!=" else NOTHING
        fails = TRUTHS.both(holds.without()) if equals else NOTHING
    elif kind is NUMBERS:
        line = _line(op, value)
        holds, fails = Values(numbers=line), Values(numbers=line.without())
    else:
        line = _line(op, value)
        holds, fails = Values(texts=line), Values(texts=line.without())
    if op == "=":
        fails = fails.either(NULL)
    elif op == "!=":
        holds = holds.either(NULL)
    return holds, fails


def _kind(value: object) -> Values:
    if isinstance(value, bool):
        return TRUTHS
    if isinstance(value, int | Decimal):
        return NUMBERS
    return TEXTS
