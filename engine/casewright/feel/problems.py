"""Mistakes in an expression and the exceptions of the FEEL engine.

A :class:`Problem` is a value about a text, with offsets into it; :class:`FeelError` carries all
that were found. What goes wrong while an expression is evaluated is neither: it gives null.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from casewright.errors import CasewrightError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SYNTAX = "CW301"
UNKNOWN_NAME = "CW302"
UNLIKE_TYPES = "CW303"
ARGUMENTS = "CW304"
UNKNOWN_PROPERTY = "CW305"
LIMIT = "CW306"
UNKNOWN_FUNCTION = "CW307"
RECORD_SET = "CW308"
UNEXPECTED_TYPE = "CW309"
BAD_LITERAL = "CW310"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in an expression.

    Attributes:
        code: ``CW3`` and two digits, as in ``docs/diagnostics.md``.
        message: what is wrong, with the value; no full stop.
        start: offset of the first character concerned, in code points.
        end: offset behind the last one.
        hint: the cure, or an empty text.
    """

    code: str
    message: str
    start: int
    end: int
    hint: str = ""


class FeelError(CasewrightError):
    """An expression does not compile, or a strict evaluation met an error.

    Attributes:
        text: the expression.
        problems: all mistakes found, in order of place; at least one.
    """

    def __init__(self, text: str, problems: Sequence[Problem]) -> None:
        self.text = text
        self.problems = tuple(sorted(problems, key=lambda p: (p.start, p.end, p.code)))
        super().__init__(text, self.problems)

    def __str__(self) -> str:
        return "\n".join(
            f"{p.code} at {p.start}: {p.message}" + (f" ({p.hint})" if p.hint else "")
            for p in self.problems
        )


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ``did you mean "x"?`` for the known name nearest to ``name``, or an empty text."""
    names = {n.casefold(): n for n in known}
    near = get_close_matches(name.casefold(), list(names), n=1, cutoff=0.6)
    return f'did you mean "{names[near[0]]}"?' if near else ""
