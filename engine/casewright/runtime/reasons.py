"""Why rules and windows acted on an event or did not: its step run again, and asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from casewright.case import WINDOW_PREFIX
from casewright.errors import EventError
from casewright.rules.correlations.definition import window_id
from casewright.view import RecordsMissing

if TYPE_CHECKING:
    from casewright.case import Event, Outcome
    from casewright.program.why import RuleVerdict
    from casewright.program.why_other import ElementVerdict
    from casewright.program.why_watch import PatternVerdict
    from casewright.program.why_window import WindowVerdict
    from casewright.runtime.records import Reading
    from casewright.runtime.replay import Replay, SteppedAgain


def rule_verdicts(replay: Replay, case: str, event: str, rule: str | None) -> list[RuleVerdict]:
    """Return what became of each rule, or of one, in the step of an event.

    Raises:
        EventError: there is no such case, event or rule, or the step cannot be run again.
    """
    from casewright.program.why import verdicts

    again = replay.step_of(case, event)
    return list(verdicts(_program(again), _outcome(again), rule))


def pattern_verdicts(
    replay: Replay, case: str, event: str, correlation: str | None
) -> list[PatternVerdict]:
    """Return whether windows were told of an event: a verdict for each pattern, and why.

    Raises:
        EventError: there is no such case, event or correlation, or the step cannot be run again.
    """
    from casewright.program.why_watch import pattern_verdicts as asked

    again = replay.step_of(case, event)
    return list(asked(_program(again), _outcome(again), correlation))


def element_verdict(
    replay: Replay, case: str, event: str, what: Literal["transition", "notification"], name: str
) -> ElementVerdict:
    """Return what became of a transition or a notification in the step of an event.

    Raises:
        EventError: there is no such case, event or element, or the step cannot be run again.
    """
    from casewright.program import why_other

    again = replay.step_of(case, event)
    if what == "transition":
        return why_other.transition_verdict(_program(again), _outcome(again), name)
    return why_other.notification_verdict(_program(again), _outcome(again), name)


def signal_verdicts(program: Any, reading: Reading, signal: Event) -> list[PatternVerdict]:
    """Return whether windows would be told of a signal: a verdict for each pattern, and why.

    Args:
        program: whose windows listen.
        reading: gives the records that patterns ask for.
        signal: with ``time``.

    Raises:
        EventError: there is no such signal.
    """
    from casewright.program.why_watch import signal_verdicts as asked

    while True:
        try:
            return list(asked(program, signal, reading.related))
        except RecordsMissing as missing:
            reading.add(missing.needs)


def named_window(program: Any, name: str) -> str:
    """Return the id of a window that is named by its id, or by correlation and key.

    Raises:
        EventError: there is no such correlation.
    """
    from casewright.program.why_watch import qualified

    correlation, _, key = name.removeprefix(WINDOW_PREFIX).partition("/")
    return window_id(qualified(program, correlation), key)


def window_verdict(replay: Replay, window: str, event: str) -> WindowVerdict:
    """Return what became of a window in the step of an event, and why.

    Raises:
        EventError: there is no such window or event, or the step cannot be run again.
    """
    from casewright.program.why_window import window_verdict as asked

    again = replay.step_of(window, event)
    outcome = _outcome(again)
    cause = f"correlation/{window.removeprefix(WINDOW_PREFIX).partition('/')[0]}"
    before = replay.steps_with(window, cause, until=outcome.event.id)
    return asked(_program(again), outcome, again.related, before)


def _program(again: SteppedAgain) -> Any:
    if again.program is None:
        named = again.entry.program[:12]
        message = f"it was stepped by the program {named}, which is not at hand"
        raise EventError(f"{message}; explain it with the packs of then", "event")
    return cast("Any", again.program)


def _outcome(again: SteppedAgain) -> Outcome:
    if again.outcome is None:
        raise EventError("values of its step were erased, so it cannot be run again", "event")
    return again.outcome
