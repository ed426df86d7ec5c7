"""Compiled patterns: which engine searches, and what is done with the matches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from casewright.feel.budget import MAX_TEXT, Budget, BudgetExceeded
from casewright.feel.faults import FeelFault
from casewright.feel.regex import syntax
from casewright.feel.regex.automaton import Automaton

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHEAP = 2_000_000
_MAX_SOURCE = 40_000
_REPLACEMENT = re.compile(r"\\([\\$])|\$([0-9])|([\\$])|([^\\$]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Match:
    """A match: start and end of the whole and of each group, -1 where a group took no part."""

    text: str
    marks: tuple[int, ...]

    def group(self, number: int) -> str:
        """Return what a group matched; an empty text where it took no part or does not exist."""
        if 2 * number + 1 >= len(self.marks) or self.marks[2 * number] < 0:
            return ""
        return self.text[self.marks[2 * number] : self.marks[2 * number + 1]]


@dataclass(slots=True)
class Cost:
    """What bounds the steps of a backtracking search.

    Attributes:
        loops: repetitions of one character that may take any number.
        ways: product of the options and of the optional parts.
        nested: whether a repetition holds more than one character.
    """

    loops: int = 0
    ways: int = 1
    nested: bool = False
    back: bool = False


def _measure(item: syntax.Item, cost: Cost) -> None:
    if isinstance(item, syntax.Choice):
        cost.ways *= len(item.options)
    elif isinstance(item, syntax.Repeat):
        _measure_repeat(item, cost)
        return
    elif isinstance(item, syntax.Back):
        cost.back = True
    for part in _parts(item):
        _measure(part, cost)


def _measure_repeat(item: syntax.Repeat, cost: Cost) -> None:
    if not isinstance(item.item, syntax.Char):
        cost.nested = True
    elif item.high == 1 and item.low == 0:
        cost.ways *= 2
    elif item.high != item.low:
        cost.loops += 1


def _parts(item: syntax.Item) -> tuple[syntax.Item, ...]:
    if isinstance(item, syntax.Sequence):
        return item.items
    if isinstance(item, syntax.Choice):
        return item.options
    return (item.item,) if isinstance(item, syntax.Group) else ()


def _source(item: syntax.Item) -> str:
    if isinstance(item, (syntax.Char, syntax.Edge)):
        return item.source
    if isinstance(item, syntax.Sequence):
        return "".join(_source(part) for part in item.items)
    if isinstance(item, syntax.Choice):
        return "(?:" + "|".join(_source(option) for option in item.options) + ")"
    if isinstance(item, syntax.Group):
        return f"({'?:' if item.number is None else ''}{_source(item.item)})"
    if isinstance(item, syntax.Back):
        return f"(?:\\{item.group})"
    high = "" if item.high is None else str(item.high)
    return f"(?:{_source(item.item)}){{{item.low},{high}}}{'' if item.greedy else '?'}"


class Pattern:
    """A compiled pattern; immutable."""

    def __init__(self, pattern: str, flags: str) -> None:
        reader = syntax.Reader(pattern, flags)
        tree = reader.read()
        options = re.IGNORECASE if "i" in flags else re.NOFLAG
        self._cost = Cost()
        _measure(tree, self._cost)
        source = _source(tree)
        if len(source) > _MAX_SOURCE:
            raise FeelFault("the pattern names too many characters")
        self._quick = re.compile(source, options)
        self._tree = tree
        self._groups = reader.groups
        self._options = int(options)
        self._automaton: Automaton | None = None

    def search(self, b: Budget, text: str, start: int = 0) -> Match | None:
        """Return the first match from ``start`` on, or None.

        Raises:
            BudgetExceeded: the search takes too many steps.
            FeelFault: the pattern refers back to a group and the text is too long for that.
        """
        if self._is_cheap(len(text) - start):
            b.spend(1 + ((len(text) - start) >> 4))
            found = self._quick.search(text, start)
            return None if found is None else self._match(text, found)
        if self._automaton is None:
            self._automaton = Automaton(self._tree, self._groups, self._options)
        marks_found = self._automaton.search(b, text, start)
        return None if marks_found is None else Match(text, marks_found)

    def _match(self, text: str, found: re.Match[str]) -> Match:
        return Match(text, tuple(edge for n in range(self._groups + 1) for edge in found.span(n)))

    def _is_cheap(self, length: int) -> bool:
        cost = self._cost
        if cost.nested:
            return False
        return cost.loops < 8 and cost.ways * (length + 2) ** (cost.loops + 1) <= _CHEAP

    def matches(self, b: Budget, text: str) -> Iterator[Match]:
        """Yield all matches, one behind the other.

        Raises:
            FeelFault: the pattern matches the empty text.
        """
        if self.search(b, "") is not None:
            raise FeelFault("the pattern matches the empty text")
        if self._is_cheap(len(text)):
            b.spend(1 + (len(text) >> 4))
            for found in self._quick.finditer(text):
                b.spend(1)
                yield self._match(text, found)
            return
        place = 0
        while (match := self.search(b, text, place)) is not None:
            yield match
            place = max(match.marks[1], place + 1)

    def replace(self, b: Budget, text: str, replacement: str, *, literal: bool) -> str:
        """Return the text with all matches replaced; ``$1`` stands for the first group.

        Raises:
            FeelFault: the replacement has a stray ``$`` or backslash.
            BudgetExceeded: the result is too long.
        """
        parts: list[str] = []
        end, size = 0, 0
        for match in self.matches(b, text):
            new = replacement if literal else _expanded(match, replacement)
            parts += (text[end : match.marks[0]], new)
            end = match.marks[1]
            size += len(new)
            if size > MAX_TEXT:
                raise BudgetExceeded(f"a text of more than {MAX_TEXT} characters")
        return "".join([*parts, text[end:]])

    def split(self, b: Budget, text: str) -> list[str]:
        """Return the pieces of a text between the matches."""
        parts: list[str] = []
        end = 0
        for match in self.matches(b, text):
            parts.append(text[end : match.marks[0]])
            end = match.marks[1]
        return [*parts, text[end:]]


def _expanded(match: Match, replacement: str) -> str:
    parts: list[str] = []
    for escaped, group, stray, plain in _REPLACEMENT.findall(replacement):
        if stray:
            raise FeelFault(f"a stray {stray} in the replacement")
        parts.append(match.group(int(group)) if group else escaped or plain)
    return "".join(parts)


@lru_cache(maxsize=256)
def compile_pattern(pattern: str, flags: str) -> Pattern:
    """Return a pattern, for flags out of ``s m i x q``.

    Raises:
        FeelFault: the pattern is malformed, or a flag unknown.
    """
    unknown = set(flags) - set("smixq")
    if unknown:
        raise FeelFault(f"unknown flag {min(unknown)}")
    return Pattern(pattern, flags)
