"""Regular expressions of XPath, as ``matches``, ``replace`` and ``split`` use them.

A pattern whose search could take more than about the square of the text's length is refused: no
repetition inside a repetition, no reference back.
"""

from __future__ import annotations

import re
from functools import lru_cache

from casewright.feel.budget import Budget
from casewright.feel.faults import FeelFault

_MAX_PATTERN = 1000
_MAX_INPUT = 100_000


class Pattern:
    """A compiled pattern."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern

    def search(self, b: Budget, text: str) -> re.Match[str] | None:
        """Return the first match in a text, or None."""
        self._pay(b, text)
        return self._pattern.search(text)

    def replace(self, b: Budget, text: str, replacement: str) -> str:
        """Return the text with each match replaced; ``$1`` is the first group."""
        self._pay(b, text)
        return self._pattern.sub(lambda m: _expanded(m, replacement), text)

    def split(self, b: Budget, text: str) -> list[str]:
        """Return the pieces of a text between the matches."""
        self._pay(b, text)
        return [part or "" for part in self._pattern.split(text)]

    def _pay(self, b: Budget, text: str) -> None:
        b.spend(len(text) >> 3)


def _expanded(match: re.Match[str], replacement: str) -> str:
    def group(found: re.Match[str]) -> str:
        if found.group(1):
            return found.group(1)
        number = int(found.group(2))
        return (match.group(number) or "") if number <= (match.re.groups or 0) else ""

    return re.sub(r"\\([\\$])|\$([0-9])", group, replacement)


@lru_cache(maxsize=256)
def compile_pattern(pattern: str, flags: str) -> Pattern:
    """Return a pattern.

    Raises:
        FeelFault: it is malformed, or could take too long.
    """
    options = re.NOFLAG
    for flag in flags:
        if flag not in "smixq":
            raise FeelFault(f"unknown flag {flag}")
        options |= {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE, "x": re.VERBOSE}.get(
            flag, re.NOFLAG
        )
    if "q" in flags:
        pattern = re.escape(pattern)
    try:
        return Pattern(re.compile(pattern, options))
    except re.error as error:
        raise FeelFault(str(error)) from error
