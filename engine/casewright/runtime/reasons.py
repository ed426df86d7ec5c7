"""Why rules acted on an event or did not: its step run again, and the rules asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from casewright.errors import EventError

if TYPE_CHECKING:
    from casewright.case import Outcome
    from casewright.program.why import RuleVerdict
    from casewright.runtime.replay import Replay


def rule_verdicts(replay: Replay, case: str, event: str, rule: str | None) -> list[RuleVerdict]:
    """Return what became of each rule, or of one, in the step of an event.

    Raises:
        EventError: there is no such case, event or rule, or the step cannot be run again.
    """
    from casewright.program.why import verdicts

    program, outcome = stepped_again(replay, case, event)
    return list(verdicts(program, outcome, rule))


def stepped_again(replay: Replay, case: str, event: str) -> tuple[Any, Outcome]:
    """Return the program that stepped an event, and the outcome with a trace.

    Raises:
        EventError: there is no such case or event, or the step cannot be run again.
    """
    explained, program = replay.step_of(case, event)
    entry = explained.entry
    if program is None:
        message = f"it was stepped by the program {entry.program[:12]}, which is not at hand"
        raise EventError(f"{message}; explain it with the packs of then", "event")
    if explained.outcome is None:
        raise EventError("values of its step were erased, so it cannot be run again", "event")
    return cast("Any", program), explained.outcome
