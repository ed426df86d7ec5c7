"""One entity, one event, one transaction: runs steps and makes them durable.

Looks a repeat up, answers a step's ``needs``, writes entity, journal entry, seen id and messages
together, and steps again where another writer was first (design, 6.1 to 6.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import structs

from casewright.case import WINDOW_PREFIX, Outcome, Problem
from casewright.errors import EventError, HostError
from casewright.runtime import admission
from casewright.runtime.lines import plain_value
from casewright.runtime.messages import messages_of
from casewright.runtime.programs import Programs
from casewright.runtime.records import Reading, look_up_in
from casewright.store import CaseFilter, Conflict, Step, Superseded
from casewright.temporal import from_us, to_us
from casewright.view import RecordsMissing, answer_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from casewright.case import Actor, Case, Entity, Event, Need, Related
    from casewright.runtime.numbers import Numbers
    from casewright.runtime.records import Records, Tables
    from casewright.runtime.settings import RuntimeSettings
    from casewright.runtime.stepper import Stepper
    from casewright.store import CaseStore, Message


Answer = TypeVar("Answer")


class Runner:
    """Steps entities of one domain.

    Args:
        program: what steps; replaced in one assignment.
        store: where outcomes become durable.
        records: reference data.
        numbers: of new cases.
        domain: the tenant.
        settings: limits.

    Attributes:
        domain: as given.
        programs: those that are at hand, by hash.
        sent: messages that the last commits put into the outbox, for whoever drains them.
        heard: called with each outcome that was made durable.
        follow: called with the hash of a newer program; returns once ``program`` is that one.
    """

    def __init__(
        self,
        program: Stepper,
        store: CaseStore,
        records: Records,
        numbers: Numbers,
        domain: str,
        settings: RuntimeSettings,
    ) -> None:
        self.program = program
        self.programs = Programs(settings.programs)
        self.sent: list[Message] = []
        self.heard: list[Callable[[Outcome], object]] = []
        self.follow: Callable[[str], None] = _cannot_follow
        self._store = store
        self._records = records
        self._numbers = numbers
        self.domain = domain
        self._settings = settings

    def tell(self, outcome: Outcome) -> None:
        """Let whoever listens hear of an outcome."""
        for hear in self.heard:
            hear(outcome)

    def case(self, entity: str) -> Case | None:
        """Return the case as it is now, or None."""
        return self._store.case(self.domain, entity, self.program)

    def entity(self, entity: str) -> Entity | None:
        """Return the case or window as it is now, or None."""
        return self._store.entity(self.domain, entity, self.program)

    def handle(self, event: Event, settles: int = 0) -> Sequence[Outcome]:
        """Return the outcomes of what was due and, last, of the event.

        Args:
            event: admitted: with id, case and time. One that observes makes its window.
            settles: number of the message that the event delivers, or 0.

        Raises:
            EventError: there is no such case or case type.
            HostError: the store or another port failed.
        """
        content = admission.content_of(event)

        def attempt() -> Sequence[Outcome]:
            program = self.program
            entity = self._store.entity(self.domain, event.case, program)
            first = self._store.receipt(self.domain, event.case, event.id)
            if first is not None:
                return [admission.repeated(event, content, first, entity)]
            ready = self._prepared(program, entity, event)
            if ready is None:
                return [_gone(event)]
            if self._is_blocked(event):
                outcomes: Sequence[Outcome] = [_blocked(entity, event)]
                return self._committed(program, entity, outcomes, content, settles)
            outcomes, used = self._followed(
                program, entity, lambda p, related: p.handle(entity, ready, related)
            )
            if _is_stranded(outcomes):
                outcomes = [structs.replace(outcomes[-1], event=ready)]
            return self._committed(used, entity, outcomes, content, settles)

        return self._raced(attempt)

    def advance(self, entity: str, until_us: int) -> Sequence[Outcome]:
        """Return the outcomes of the timers of one entity that are due at or before an instant."""

        def attempt() -> Sequence[Outcome]:
            program = self.program
            found = self._store.entity(self.domain, entity, program)
            if found is None:
                return []
            until = from_us(until_us)
            outcomes, used = self._followed(
                program, found, lambda p, related: p.advance(found, until, related)
            )
            return self._committed(used, found, outcomes, b"", 0)

        return self._raced(attempt)

    def adopt(self, entity: str, until_us: int) -> Sequence[Outcome]:
        """Return how a case went over to the program, with its timers that are due.

        Nothing is written, and nothing returned, where the program changes nothing of the case: it
        goes over with its next event or timer.
        """

        def attempt() -> Sequence[Outcome]:
            program, until = self.program, from_us(until_us)
            case = self._store.case(self.domain, entity, program)
            if case is None or case.program == program.hash:
                return []
            outcomes, used = self._followed(
                program, case, lambda p, related: p.advance(case, until, related)
            )
            if len(outcomes) == 1 and not _has_changed(case, outcomes[0]):
                return []
            return self._committed(used, case, outcomes, b"", 0)

        return self._raced(attempt)

    def _followed(
        self,
        program: Stepper,
        entity: Entity | None,
        step: Callable[[Stepper, Related], Sequence[Outcome]],
    ) -> tuple[Sequence[Outcome], Stepper]:
        """Return the outcomes, and the program: the case's own if it cannot follow this one."""
        outcomes = self.stepped(lambda related: step(program, related))
        if entity is not None and _is_stranded(outcomes):
            own = self.programs.get(entity.program)
            if own is not None:
                self.programs.stayed.add(entity.id)
                return self.stepped(lambda related: step(own, related)), own
        return outcomes, program

    def children(self, case: str, case_type: str, name: str, at_us: int) -> tuple[str, ...]:
        """Return the ids of the cases in a related list that were there at an instant."""
        of = self.program.case_type(case_type).related[name]
        where = CaseFilter(case_types=tuple(of.types), fields={of.by: case})
        found = self._store.cases(self.domain, where, self.program)
        return tuple([child.id for child in found if to_us(child.created_at) <= at_us])

    def tried(self, entity: Entity | None, event: Event) -> Sequence[Outcome]:
        """Return what an event would come to; nothing is written."""
        program = self.program
        return self.stepped(lambda related: program.handle(entity, event, related))

    def awaited(self, entity: Entity, until_us: int) -> Sequence[Outcome]:
        """Return what the timers of a case would come to by an instant; nothing is written."""
        program, until = self.program, from_us(until_us)
        return self.stepped(lambda related: program.advance(entity, until, related))

    def asked(
        self, case: Case, question: Callable[[Case, Actor, Related], Answer], actor: Actor
    ) -> Answer:
        """Return the answer of a reader that may lack records, which are looked up for it."""
        reading = self.reading()
        for _ in range(self._settings.rounds):
            try:
                return question(case, actor, reading.related)
            except RecordsMissing as missing:
                reading.add(missing.needs)
        return question(case, actor, reading.related)

    def stepped(self, step: Callable[[Related], Sequence[Outcome]]) -> Sequence[Outcome]:
        """Return the outcomes of ``step`` with all records that it asks for, kept as ``read``."""
        reading = self.reading()
        outcomes = reading.outcomes(step)
        read = reading.read
        if read is None:
            return outcomes
        return [structs.replace(outcome, read=read) for outcome in outcomes]

    def reading(self) -> Reading:
        """Return what one step, or one reader, may read."""
        return Reading(self._records, self._look_up, self._settings.rounds)

    def _raced(self, attempt: Callable[[], Sequence[Outcome]]) -> Sequence[Outcome]:
        """Return the outcomes of an attempt, made again where another writer was first.

        Half of the races are enough to say that many write here, as workers do who all hear of one
        noisy item; from then on the others have to wait.
        """
        lost, patience = "", self._settings.races // 2
        for lost_races in range(self._settings.races):
            try:
                return attempt() if lost_races < patience else self._alone(attempt)
            except Conflict as conflict:
                lost = str(conflict)
            except Superseded as newer:
                self.follow(newer.program)
        raise HostError(f"other writers were first {self._settings.races} times: {lost}")

    def _alone(self, attempt: Callable[[], Sequence[Outcome]]) -> Sequence[Outcome]:
        """Return the outcomes of an attempt while nobody else writes."""
        known = len(self.sent)
        try:
            with self._store.batch():
                return attempt()
        except BaseException:
            self._numbers.forget()
            del self.sent[known:]
            raise

    def _prepared(self, program: Stepper, entity: Entity | None, event: Event) -> Event | None:
        """Return the event as the step gets it; None if its case or window was deleted."""
        if event.type != "create":
            if entity is not None:
                return event
            if not event.case.startswith(WINDOW_PREFIX):
                raise EventError(f'there is no case "{event.case}"', "case")
            return None if self._store.is_taken(self.domain, event.case) else event
        case_type = program.case_type(event.case_type)
        if entity is None and self._store.is_taken(self.domain, event.case):
            return None
        if entity is not None or case_type.number is None or event.number is not None:
            return event
        return structs.replace(event, number=self._numbers.next(*case_type.number))

    def _is_blocked(self, event: Event) -> bool:
        if self._settings.on_failure == "park":
            return False
        parked = self._store.parked(self.domain, self.program, event.case)
        return any(p.event_id != event.id for p in parked[:1])

    def _look_up(self, need: Need, records: Tables, answers: dict[str, tuple[str, ...]]) -> None:
        program = self.program
        kinds = () if need.field is None else case_types_of(program, need.record_type)
        if not kinds:
            look_up_in(self._records, need, records, answers)
            return
        where = CaseFilter(case_types=kinds, fields={need.field or "": plain_value(need.value)})
        found = self._store.cases(self.domain, where, program)
        key = answer_key(need.record_type, need.field or "", need.value)
        answers[key] = ()
        rows = records.setdefault(need.record_type, {})
        for case in found:
            answers[key] += (case.id,)
            rows[case.id] = _as_record(case)

    def _committed(
        self,
        program: Stepper,
        entity: Entity | None,
        outcomes: Sequence[Outcome],
        content: bytes,
        settles: int,
    ) -> Sequence[Outcome]:
        if not outcomes:
            return outcomes
        steps: list[Step] = []
        before: Entity | None = entity
        last = outcomes[-1]
        for outcome in outcomes:
            is_last = outcome is last
            steps.append(
                Step(
                    self.domain,
                    outcome.event.case,
                    before,
                    outcome,
                    content if is_last else b"",
                    program.hash,
                    messages_of(self.domain, outcome, program.hash),
                    settles if is_last else 0,
                    is_left_behind=program is not self.program,
                )
            )
            before = outcome.entity
        self.sent += self._store.commit(steps, program)
        for outcome in outcomes:
            self.tell(outcome)
        return outcomes


def case_types_of(program: Stepper, name: str) -> tuple[str, ...]:
    """Return the names of a case type and of those that extend it; none if it is no case type."""
    return tuple([k for k, ct in program.case_types.items() if name in (k, *ct.lineage)])


def _is_stranded(outcomes: Sequence[Outcome]) -> bool:
    """Return whether the case could not go over to the program, so that nothing else was done."""
    last = outcomes[-1] if outcomes else None
    return last is not None and last.event.type == "adopt" and last.status != "applied"


def _has_changed(before: Case, outcome: Outcome) -> bool:
    """Return whether a step did anything, apart from telling who made the last revision."""
    after = outcome.entity
    if outcome.status != "applied" or after is None or outcome.effects:
        return True
    same = structs.replace(
        after,
        program=before.program,
        revision=before.revision,
        updated_at=before.updated_at,
        updated_by=before.updated_by,
    )
    return same != before


def _cannot_follow(program: str) -> None:
    raise HostError(f"the store runs program {program}, which this engine has not loaded")


def _gone(event: Event) -> Outcome:
    taken = f'the id "{event.case}" was taken by one that is deleted'
    problem = Problem("exists", taken, "case")
    return Outcome("rejected", None, event, _us(event), errors=(problem,))


def _blocked(entity: Entity | None, event: Event) -> Outcome:
    problem = Problem("blocked", "an earlier event of the case is parked; retry or drop it first")
    return Outcome("failed", entity, event, _us(event), errors=(problem,))


def _us(event: Event) -> int:
    return 0 if event.time is None else to_us(event.time)


def _as_record(case: Case) -> dict[str, Any]:
    """Return what a query over cases gives of one."""
    own = {"id": case.id, "number": case.number, "case_type": case.case_type, "state": case.state}
    return {**case.fields, **own}
