"""Looking: what an engine answers about cases and windows, and what would become of them.

Nothing is changed by asking. Why something was done, or was not, is answered in ``explaining``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import structs

from casewright.case import Event, Window
from casewright.errors import EventError
from casewright.feel.problems import suggestion
from casewright.rules.correlations.definition import window_id
from casewright.rules.correlations.keys import key_text
from casewright.runtime import admission
from casewright.runtime.core import Core
from casewright.spec.nearest import meant
from casewright.store import CaseFilter
from casewright.temporal import to_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from casewright.case import Actor, Case, Entity, Outcome
    from casewright.runtime.records import Reading
    from casewright.runtime.replay import Difference, Explained, HistoryEntry, Replay, Verdict
    from casewright.runtime.stepper import Stepper
    from casewright.sla.figures import ClockFigures
    from casewright.sla.timeline import Timeline
    from casewright.views.indicators import Figure


class Looking(Core):
    """An engine that can be looked into."""

    _replay: Replay

    def cases(self, where: CaseFilter | None = None) -> list[Case]:
        """Return the cases that ``where`` selects, by ascending id."""
        with self.lock:
            return list(self.store.cases(self.domain, where or CaseFilter(), self.program))

    def window(self, correlation: str, key: object) -> Window | None:
        """Return the window of a correlation for one value of its key, or None.

        Args:
            correlation: qualified, or bare where only one pack has it.
            key: a FEEL value, or what JSON has for it.

        Raises:
            EventError: no correlation is named so.
            ValueError: the key is not of the correlation's type.
        """
        name = self._correlation(correlation)
        kind = self.program.correlations[name].key_field
        value = key if kind is None else kind.convert(key)
        with self.lock:
            found = self._runner.entity(window_id(name, key_text(value)))
        return found if isinstance(found, Window) else None

    def windows(self, correlation: str = "") -> list[Window]:
        """Return the windows of a correlation, by ascending id; of all without a name.

        Raises:
            EventError: no correlation is named so.
        """
        name = self._correlation(correlation) if correlation else ""
        with self.lock:
            return list(self.store.windows(self.domain, name, self.program))

    def _correlation(self, name: str) -> str:
        """Return the qualified name of a correlation, which may be given bare."""
        known = self.program.correlations
        found = meant(name, known)
        if len(found) != 1:
            names = {*known, *(one.rpartition(".")[2] for one in known)}
            hint = suggestion(name, sorted(names)) or f"there are {', '.join(known) or 'none'}"
            raise EventError(f'no correlation is named "{name}"; {hint}', "correlation")
        return found[0]

    def reading(self) -> Reading:
        """Return what expressions of a reader may read: reference data, looked up as they ask."""
        return self._runner.reading()

    def allowed_actions(self, case: str, actor: Actor) -> Sequence[Any]:
        """Return each action that the case knows now, with the reasons that block it.

        Raises:
            EventError: there is no such case.
        """
        with self.lock:
            return self._runner.asked(self._known(case), self.program.allowed_actions, actor)

    def forecast(
        self, case: str, events: Iterable[Event] = (), *, until: datetime | None = None
    ) -> list[Outcome]:
        """Return what events would come to, timers in between included; nothing is stored.

        What other cases would answer to the messages of this one is not followed.

        Args:
            case: id of the case.
            events: in the order in which they would come, each with its ``time``.
            until: let time pass to this instant after the last of them.

        Raises:
            EventError: there is no such case, or an envelope is malformed.
            ValueError: ``until`` is naive.
        """
        with self.lock:
            entity: Entity | None = self._known(case)
            outcomes: list[Outcome] = []
            for event in events:
                aimed = structs.replace(event, case=case)
                admitted = admission.admitted(aimed, self.domain, self.clock.now(), None)
                outcomes += self._runner.tried(entity, admitted)
                entity = outcomes[-1].entity
            if until is not None and entity is not None:
                outcomes += self._runner.awaited(entity, to_us(until))
            return outcomes

    def timeline(
        self,
        case: str,
        sla: str,
        events: Iterable[Event] = (),
        *,
        at: datetime | None = None,
    ) -> list[Timeline]:
        """Return each instance of a clock, oldest first: what counted, what did not, and why.

        Args:
            case: id of the case.
            sla: name of the clock.
            events: what if these came; nothing is stored.
            at: a live instance is told up to here, with the timers that would run until then; the
                clock's instant where left out.

        Raises:
            EventError: there is no such case or clock, or an envelope is malformed.
            ValueError: ``at`` is naive.
        """
        from casewright.runtime.timelines import timelines_of

        with self.lock:
            now = at or self.clock.now()
            entity, history = self._known(case), self._replay.history(case)
            forecast = self.forecast(case, events, until=at)
            return timelines_of(self.program, entity, sla, history, forecast, to_us(now))

    def report(
        self,
        by: str | None = None,
        where: CaseFilter | None = None,
        *,
        at: datetime | None = None,
    ) -> list[ClockFigures]:
        """Return how the clocks of many cases stand, a line for each group and clock.

        Args:
            by: field of the cases, ``state`` or ``case_type``; None for all together.
            where: which cases; all where left out.
            at: the instant of "today" and "overdue"; the clock's where left out.

        Raises:
            EventError: no case type has the field ``by``.
            ValueError: ``at`` is naive.
        """
        from casewright.runtime.reports import clock_report

        return clock_report(self, by, where or CaseFilter(), at or self.clock.now())

    def indicator(
        self, name: str, *, actor: Actor | None = None, at: datetime | None = None
    ) -> list[Figure]:
        """Return the figures of an indicator of ``views``, over all cases that it is of.

        Args:
            name: as declared.
            actor: who reads.
            at: what its ``now`` is; the clock's instant where left out.

        Raises:
            EventError: no case type has such an indicator.
            ValueError: ``at`` is naive.
        """
        from casewright.runtime.reports import figures

        return figures(self, name, actor, at or self.clock.now())[1]

    def _known(self, case: str) -> Case:
        found = self._runner.case(case)
        if found is None:
            raise EventError(f'there is no case "{case}"', "case")
        return found

    def history(self, case: str) -> list[HistoryEntry]:
        """Return what happened to a case, oldest first."""
        with self.lock:
            return self._replay.history(case)

    def explain(self, case: str, revision: int | None = None) -> list[Explained]:
        """Return the history with the reasons, worked out by stepping again with a trace."""
        with self.lock:
            return self._replay.explain(case, revision)

    def at(self, case: str, revision: int) -> Entity | None:
        """Return a case or window as it was after a revision, None if there was no such one."""
        with self.lock:
            return self._replay.at(case, revision)

    def against(self, case: str, program: Stepper) -> list[Difference]:
        """Return the events of a case's life that another program would answer otherwise."""
        with self.lock:
            return self._replay.against(case, program)

    def verify(self, case: str) -> Verdict:
        """Return whether chain, journal and case agree, and the steps give the same again."""
        with self.lock:
            return self._replay.verify(case)
