"""How a step is broken off: by the asker's fault, or by the specs'."""

from __future__ import annotations

from casewright.case import Problem


class Rejected(Exception):  # noqa: N818  becomes a status
    """The asker's fault."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(problems)


class Failed(Exception):  # noqa: N818  becomes a status
    """The specs' fault."""

    def __init__(self, code: str, message: str, path: str = "") -> None:
        self.problem = Problem(code, message, path)
        super().__init__(message)
