"""Why and why not: what an engine answers about the events that it has handled (rule 25).

Nothing is changed by asking: the step of the event is run again, with a trace, by the program that
made it and on the journalled inputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from casewright.runtime.looking import Looking

if TYPE_CHECKING:
    from casewright.case import Event
    from casewright.program.why import RuleVerdict
    from casewright.program.why_other import ElementVerdict
    from casewright.program.why_watch import PatternVerdict
    from casewright.program.why_window import WindowVerdict
    from casewright.runtime.replay import HistoryEntry


class Explaining(Looking):
    """An engine that tells why."""

    def handled(self, case: str, event: str) -> HistoryEntry:
        """Return what happened at one event of a case, also at one that has failed and is parked.

        Args:
            case: id of the case.
            event: id of the event; the last one where empty.

        Raises:
            EventError: the case had no such event.
        """
        with self.lock:
            return self._replay.step_of(case, event).entry

    def why(self, case: str, event: str, rule: str | None = None) -> list[RuleVerdict]:
        """Return why each rule that could have acted on an event fired in its step, or did not.

        Args:
            case: id of the case.
            event: id of the event; the last one where empty.
            rule: only the rule of this name, with more detail.

        Returns:
            Those that fired come first, then those whose condition came nearest, then the rest.

        Raises:
            EventError: there is no such case, event or rule, or the step cannot be run again.
        """
        from casewright.runtime.reasons import rule_verdicts

        with self.lock:
            return rule_verdicts(self._replay, case, event, rule)

    def why_observed(
        self, case: str, event: str, correlation: str | None = None
    ) -> list[PatternVerdict]:
        """Return for each pattern of correlations whether a window was told of an event, and why.

        Args:
            case: id of the case.
            event: id of the event; the last one where empty.
            correlation: only this one, qualified or bare.

        Raises:
            EventError: there is no such case, event or correlation, or the step cannot be run
                again.
        """
        from casewright.runtime.reasons import pattern_verdicts

        with self.lock:
            return pattern_verdicts(self._replay, case, event, correlation)

    def why_transition(self, case: str, event: str, transition: str) -> ElementVerdict:
        """Return why a transition was taken at an event, or was not.

        Args:
            case: id of the case.
            event: id of the event; the last one where empty.
            transition: its name.

        Raises:
            EventError: there is no such case, event or transition, or the step cannot be run again.
        """
        from casewright.runtime.reasons import element_verdict

        with self.lock:
            return element_verdict(self._replay, case, event, "transition", transition)

    def why_notification(self, case: str, event: str, notification: str) -> ElementVerdict:
        """Return why a notification was sent at an event, or was not.

        Args:
            case: id of the case.
            event: id of the event; the last one where empty.
            notification: its name, qualified or bare.

        Raises:
            EventError: there is no such case, event or notification, or the step cannot be run
                again.
        """
        from casewright.runtime.reasons import element_verdict

        with self.lock:
            return element_verdict(self._replay, case, event, "notification", notification)

    def why_signal(self, signal: Event) -> list[PatternVerdict]:
        """Return for each pattern that listens to a signal whether it would be observed, and why.

        Nothing is handed over.

        Args:
            signal: as ``handle`` takes it.

        Raises:
            EventError: there is no such signal.
        """
        from casewright.runtime.reasons import signal_verdicts

        with self.lock:
            given = structs.replace(signal, time=signal.time or self.clock.now())
            return signal_verdicts(self.program, self._runner.reading(), given)

    def why_window(self, window: str, event: str = "") -> WindowVerdict:
        """Return why a window fired at an event, or did not: what each of its patterns lacks.

        Args:
            window: ``window/<correlation>/<key>`` or ``<correlation>/<key>``.
            event: id of the event that was observed; the last one where empty.

        Raises:
            EventError: there is no such window or event, or the step cannot be run again.
        """
        from casewright.runtime.reasons import named_window, window_verdict

        with self.lock:
            return window_verdict(self._replay, named_window(self.program, window), event)
