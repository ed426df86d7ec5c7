"""The tree of a regular expression, and how it is read.

Source: XPath and XQuery functions 3.1, section 5.6.1.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from casewright.feel.faults import FeelFault

MAX_PATTERN = 1000
_MAX_DEPTH = 30
MAX_COUNT = 1000


@dataclass(frozen=True, slots=True)
class Char:
    """One character; ``source`` is what Python's ``re`` calls it."""

    source: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A place between characters; ``source`` is what Python's ``re`` calls it."""

    source: str


@dataclass(frozen=True, slots=True)
class Back:
    """What the group with this number matched."""

    group: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """One item behind the other."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The first option that leads to a match."""

    options: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A part in parentheses; ``number`` is None where it is not counted."""

    item: Item
    number: int | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """An item ``low`` to ``high`` times, without end if ``high`` is None."""

    item: Item
    low: int
    high: int | None
    greedy: bool


Item = Char | Edge | Back | Sequence | Choice | Group | Repeat

_CLASSES = {
    "d": r"\d",
    "D": r"\D",
    "s": r"[ \t\n\r]",
    "S": r"[^ \t\n\r]",
    "w": r"\w",
    "W": r"\W",
    "i": r"(?:(?!\d)[:\w])",
    "I": r"(?:\d|[^:\w])",
    "c": r"[-.:\w\u00b7]",
    "C": r"[^-.:\w\u00b7]",
}
_INSIDE = {
    "d": r"\d",
    "D": r"\D",
    "s": r" \t\n\r",
    "w": r"\w",
    "W": r"\W",
    "c": r"\-.:\w",
    "S": r"\S",
}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_QUANTIFIER = re.compile(r"\{([0-9]{1,4})(,([0-9]{1,4})?)?\}", re.ASCII)


class Reader:
    """Reads one pattern; ``groups`` is how many it counts."""

    def __init__(self, pattern: str, flags: str) -> None:
        if len(pattern) > MAX_PATTERN:
            raise FeelFault(f"a pattern of more than {MAX_PATTERN} characters")
        self._text = pattern
        self._i = 0
        self._flags = flags
        self._depth = 0
        self._closed: set[int] = set()
        self.groups = 0

    def read(self) -> Item:
        """Return the tree of the whole pattern.

        Raises:
            FeelFault: it is malformed.
        """
        if "q" in self._flags:
            return Sequence(tuple(Char(re.escape(c)) for c in self._text))
        found = self._choice()
        if self._i < len(self._text):
            self._fail("unbalanced )")
        return found

    def _fail(self, message: str) -> NoReturn:
        raise FeelFault(f"{message} at {self._i} of the pattern {self._text!r}")

    def _peek(self) -> str:
        return self._text[self._i] if self._i < len(self._text) else ""

    def _accept(self, text: str) -> bool:
        if self._text.startswith(text, self._i):
            self._i += len(text)
            return True
        return False

    def _choice(self) -> Item:
        options = [self._sequence()]
        while self._accept("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Item:
        items: list[Item] = []
        while (char := self._peek()) and char not in "|)":
            if "x" in self._flags and char in " \t\n\r":
                self._i += 1
                continue
            items.append(self._repeated(self._atom()))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def _repeated(self, item: Item) -> Item:
        low, high = self._quantifier()
        if low is None:
            return item
        if isinstance(item, Edge):
            self._fail("nothing to repeat")
        greedy = not self._accept("?")
        if self._peek() and self._peek() in "*+?":
            self._fail("a repetition of a repetition")
        return Repeat(item, low, high, greedy)

    def _quantifier(self) -> tuple[int | None, int | None]:
        for sign, low, high in (("*", 0, None), ("+", 1, None), ("?", 0, 1)):
            if self._accept(sign):
                return low, high
        if self._peek() != "{":
            return None, None
        match = _QUANTIFIER.match(self._text, self._i)
        if match is None:
            self._fail("a wrong quantifier")
        self._i = match.end()
        least = int(match.group(1))
        most = least if match.group(2) is None else None
        if match.group(3):
            most = int(match.group(3))
        if max(least, most or 0) > MAX_COUNT or (most is not None and most < least):
            self._fail("a wrong or too large quantifier")
        return least, most

    def _atom(self) -> Item:
        char = self._peek()
        if char == "(":
            return self._group()
        if char == "[":
            return Char(self._class())
        if char == "\\":
            return self._escape()
        self._i += 1
        if char == ".":
            return Char(r"(?s:.)" if "s" in self._flags else r"[^\n\r]")
        if char in "^$":
            return Edge(self._edge(char))
        if char in "*+?{}]":
            self._fail(f"a stray {char}")
        return Char(re.escape(char))

    def _edge(self, char: str) -> str:
        if "m" in self._flags:
            return f"(?m:{char})"
        return r"\A" if char == "^" else r"\Z"

    def _group(self) -> Item:
        self._i += 1
        number = None
        if not self._accept("?:"):
            if self._peek() == "?":
                self._fail("an unknown kind of group")
            self.groups += 1
            number = self.groups
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._fail("groups nested too deeply")
        item = self._choice()
        self._depth -= 1
        if not self._accept(")"):
            self._fail("a group without its )")
        if number is not None:
            self._closed.add(number)
        return Group(item, number)

    def _escape(self) -> Item:
        self._i += 1
        char = self._peek()
        self._i += 1
        if char in "123456789" and char:
            return self._back(int(char))
        if char in _CLASSES and char:
            return Char(_CLASSES[char])
        if char in ("p", "P"):
            return Char(f"[{self._category(negated=char == 'P')}]")
        return Char(re.escape(self._literal(char)))

    def _back(self, number: int) -> Item:
        """Return a reference back; digits that make the number of no group are literals."""
        if number not in self._closed:
            self._fail(f"no group {number} before this place")
        while (digit := self._peek()) and digit in "0123456789":
            if 10 * number + int(digit) not in self._closed:
                break
            number = 10 * number + int(digit)
            self._i += 1
        return Back(number)

    def _literal(self, char: str) -> str:
        if char in _ESCAPES:
            return _ESCAPES[char]
        if not char or char not in "\\|.-^?*+{}()[]$/ ":
            self._fail(f"an unknown escape \\{char}")
        return char

    def _category(self, *, negated: bool) -> str:
        end = self._text.find("}", self._i)
        if not self._accept("{") or end < 0:
            self._fail("a category without { }")
        name = self._text[self._i : end]
        self._i = end + 1
        ranges = category_ranges(name, negated=negated)
        if not ranges:
            self._fail(f"an unknown category {name}")
        return ranges

    def _class(self) -> str:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._fail("classes nested too deeply")
        self._i += 1
        negated = self._accept("^")
        parts: list[str] = []
        without = ""
        while not self._accept("]"):
            if not self._peek():
                self._fail("a class without its ]")
            if parts and self._text.startswith("-[", self._i):
                self._i += 1
                without = self._class()
                if not self._accept("]"):
                    self._fail("something behind a subtracted class")
                break
            parts.append(self._class_part())
        self._depth -= 1
        if not parts:
            self._fail("an empty class")
        made = f"[{'^' if negated else ''}{''.join(parts)}]"
        return f"(?:(?!{without}){made})" if without else made

    def _class_part(self) -> str:
        first, whole = self._class_char()
        if not whole or not self._is_range():
            return first
        self._i += 1
        last, whole = self._class_char()
        if not whole or _code(first) > _code(last):
            self._fail("a wrong range of characters")
        return f"{first}-{last}"

    def _is_range(self) -> bool:
        following = self._text[self._i + 1 : self._i + 2]
        return self._peek() == "-" and following not in ("]", "[", "")

    def _class_char(self) -> tuple[str, bool]:
        """Return source for one part of a class, and whether it is a single character."""
        char = self._peek()
        self._i += 1
        if char == "[":
            self._fail("a stray [ in a class")
        if char != "\\":
            return _class_escape(char), True
        char = self._peek()
        self._i += 1
        if char in _INSIDE and char:
            return _INSIDE[char], False
        if char == "i":
            return "_:" + category_ranges("L"), False
        if char in ("p", "P"):
            return self._category(negated=char == "P"), False
        return _class_escape(self._literal(char)), True


def _class_escape(char: str) -> str:
    return "\\" + char if char in "\\]^-[&~|" else char


def _code(source: str) -> int:
    return ord(source[-1])


# The blocks that texts of business ask for; XPath knows all of Unicode's.
_BLOCKS = {
    "BasicLatin": (0x0000, 0x007F),
    "Latin-1Supplement": (0x0080, 0x00FF),
    "LatinExtended-A": (0x0100, 0x017F),
    "LatinExtended-B": (0x0180, 0x024F),
    "Greek": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "Armenian": (0x0530, 0x058F),
    "Hebrew": (0x0590, 0x05FF),
    "Arabic": (0x0600, 0x06FF),
    "Devanagari": (0x0900, 0x097F),
    "Thai": (0x0E00, 0x0E7F),
    "GeneralPunctuation": (0x2000, 0x206F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7A3),
}


@lru_cache(maxsize=64)
def category_ranges(name: str, *, negated: bool = False) -> str:
    """Return the inside of a class that holds the characters of a Unicode category or block.

    Args:
        name: a category such as ``Lu`` or a block such as ``IsGreek``; unknown ones give nothing.
        negated: all other characters instead.
    """
    ranges = _ranges(name)
    if not ranges:
        return ""
    if negated:
        edges = [-1, *(edge for pair in ranges for edge in pair), sys.maxunicode + 1]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        ranges = [(a + 1, b - 1) for a, b in pairs if a + 1 <= b - 1]
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


def _ranges(name: str) -> list[tuple[int, int]]:
    block = _BLOCKS.get(name.removeprefix("Is"))
    if block is not None:
        return [block]
    merged: list[tuple[int, int]] = []
    if not re.fullmatch("[CLMNPSZ][a-z]?", name):
        return merged
    for category, first, last in _all_categories():
        if not category.startswith(name):
            continue
        if merged and merged[-1][1] == first - 1:
            merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return merged


@lru_cache(maxsize=1)
def _all_categories() -> tuple[tuple[str, int, int], ...]:
    """Return the runs of characters of one category, by one walk through Unicode."""
    runs: list[tuple[str, int, int]] = []
    start, current = 0, unicodedata.category("\0")
    for code in range(1, sys.maxunicode + 2):
        found = unicodedata.category(chr(code)) if code <= sys.maxunicode else ""
        if found != current:
            runs.append((current, start, code - 1))
            start, current = code, found
    return tuple(runs)
