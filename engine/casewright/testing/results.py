"""What a run of scenarios gives: results as values, and their text for people."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casewright.errors import Span


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was expected and is not so.

    Attributes:
        path: what was looked at, such as ``sla.first_response.status``.
        expected: what the scenario says, as text.
        came: what the case says, as text.
        step: number of the step, from 1.
        what: the step in words, such as ``agent: propose_solution``.
        span: place of the step in its file.
        reasons: why it came so, where the engine gave reasons: one line each.
    """

    path: str
    expected: str
    came: str
    step: int
    what: str
    span: Span | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One scenario after its run.

    Attributes:
        name: qualified, ``pack.name``.
        span: place of the scenario.
        steps: how many steps ran; the run ends with the first step that has differences.
        differences: of that step, or none.
        seconds: how long the run took.
    """

    name: str
    span: Span | None
    steps: int
    differences: tuple[Difference, ...]
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Return True if all that was expected came."""
        return not self.differences

    def text(self) -> str:
        """Return the failure for people: the place, then only what differs."""
        return "\n".join(_lines(self))


def shown(value: Any) -> str:
    """Return a value as YAML writes it on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {shown(v)}" for k, v in value.items()) + "}"  # pyright: ignore[reportUnknownVariableType]  a dict of anything
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(v) for v in value) + "]"  # pyright: ignore[reportUnknownVariableType]  a list of anything
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def summary(results: Sequence[ScenarioResult]) -> str:
    """Return the closing line, such as ``12 scenarios passed, 1 failed``."""
    failed = sum(not r.passed for r in results)
    passed = len(results) - failed
    noun = "scenario" if passed == 1 else "scenarios"
    return f"{passed} {noun} passed" + (f", {failed} failed" if failed else "")


def _lines(result: ScenarioResult) -> Iterator[str]:
    yield f"{result.span or '-'}: {result.name}"
    step = 0
    for difference in result.differences:
        if difference.step != step:
            step = difference.step
            place = f" ({difference.span})" if difference.span else ""
            yield f"  step {step}, {difference.what}{place}"
        yield f"    {difference.path}"
        yield f"      expected {difference.expected}"
        yield f"      came     {difference.came}"
        for reason in difference.reasons:
            yield f"      because  {reason}"
