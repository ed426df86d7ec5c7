"""What is wrong with a model: mistakes found when it is loaded, and nulls explained when it runs.

A decision whose logic has a mistake gives null, as DMN says, and the rest of the model works. The
mistakes stand in ``Model.problems``, each with its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from casewright.errors import Diagnostic, Span

if TYPE_CHECKING:
    from casewright.dmn.model.boxed import At, Text
    from casewright.feel import FeelError

LOGIC = "CW652"
REFERENCE = "CW653"
UNSUPPORTED = "CW654"


@dataclass(slots=True)
class Problems:
    """Mistakes of one model in the making.

    Attributes:
        path: how messages call its file.
        within: the node that is being compiled.
    """

    path: str
    within: str = ""
    found: list[Diagnostic] = field(default_factory=list[Diagnostic])

    def report(self, code: str, message: str, at: At, hint: str = "") -> None:
        """Note a mistake at a place."""
        where = f'"{self.within}": {message}' if self.within else message
        span = Span(self.path, at.line or 1, at.column or 1)
        self.found.append(Diagnostic(code, "error", where, span, at.id, hint))

    def report_type(self, message: str, at: At, hint: str) -> None:
        """Note a mistake in a type."""
        self.report(REFERENCE, message, at, hint)

    def report_feel(self, error: FeelError, text: Text, shift: int = 0) -> None:
        """Note all mistakes of an expression, each at its own line and column.

        Args:
            error: the mistakes.
            text: the expression as the file has it.
            shift: by how many characters the offsets of the mistakes are too great.
        """
        for problem in error.problems:
            start = min(max(problem.start - shift, 0), len(text.text))
            at = place_in(text, start)
            self.report(LOGIC, f"{problem.code} {problem.message}", at, problem.hint)


def place_in(text: Text, start: int) -> At:
    """Return the place of a character of a piece of FEEL; entities count as what they stand for."""
    before = text.text[:start]
    lines = before.count("\n")
    column = len(before) - before.rfind("\n") if lines else text.at.column + start
    return replace(text.at, line=text.at.line + lines, column=column)
