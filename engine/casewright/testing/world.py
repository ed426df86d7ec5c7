"""The world of one scenario: a store in memory, reference data, a clock that the steps move.

Steps run through the same runtime as in production. The world adds what a test needs: a list of
all outcomes, marks in it, values of cases by name, and another order of messages on request.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from casewright import feel
from casewright.case import COLUMNS
from casewright.errors import EventError
from casewright.runtime import Engine, RecordTables, RuntimeSettings, VirtualClock
from casewright.spec.nearest import meant
from casewright.temporal import always_open, parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from casewright.case import Case, Effect, Event, Outcome, Window
    from casewright.host import Host
    from casewright.program import Program


class World:
    """A world in which a scenario happens.

    Args:
        program: what the cases run on.
        start: instant of the first step, ISO 8601 with offset.
        host: actions that the packs call; without one, calls stay unanswered.
        shuffle: seed of another order of messages between cases, or None.

    Attributes:
        history: every outcome so far.

    Raises:
        ValueError: ``start`` is no instant.
    """

    def __init__(
        self,
        program: Program,
        start: str,
        *,
        host: Host | None = None,
        shuffle: int | None = None,
    ) -> None:
        self._program = program
        self._clock = VirtualClock(instant(start))
        self._records = RecordTables()
        self._engine = Engine(
            program,
            clock=self._clock,
            host=host,
            records=self._records,
            settings=RuntimeSettings(shuffle=shuffle),
        )
        self.history: list[Outcome] = []
        self._engine.observe(self.history.append)
        self._mark = 0

    @property
    def now(self) -> dt.datetime:
        """Return the scenario's time."""
        return self._clock.now()

    # --- what happens -------------------------------------------------------------------------

    def add_records(self, tables: Mapping[str, Sequence[Mapping[str, Any]]], pack: str) -> None:
        """Put reference data beside what the packs ship.

        Raises:
            ValueError: a record has no id, or a value is not of its field's type.
        """
        for name, rows in tables.items():
            record_type = self._record_type(name, pack)
            for row in rows:
                if "id" not in row:
                    raise ValueError(f"a record of {name} has no id")
                self._records.put(record_type, str(row["id"]), row)

    def submit(self, event: Event) -> Outcome:
        """Handle an event at the scenario's time and return its own outcome."""
        outcome = self._engine.handle(event)
        if outcome.status in ("duplicate", "id_reused"):
            self.history.append(outcome)
        return outcome

    def open_call(self, entity: str, event_type: str) -> str | None:
        """Return the id of the plugin call that an event of this type answers, or None."""
        case = self.case(entity)
        for call in case.calls if case is not None else ():
            if event_type in (call.result, call.error):
                return call.id
        return None

    def wait(self, duration: str, entity: str | None) -> None:
        """Let time pass; timers run at their instants, messages between them.

        Args:
            duration: of real time, or in open time and dates.
            entity: the case whose calendar says when those are.
        """
        until = self._after(duration, entity)
        self._engine.run_due(until)
        self._clock.move_to(until)

    def settle(self) -> None:
        """Run messages and timers due now until nothing is left."""
        self._engine.run_due(self.now)

    def _after(self, duration: str, entity: str | None) -> dt.datetime:
        length = parse_duration(duration)
        case = None if entity is None else self.case(entity)
        calendar = always_open("UTC")
        if case is not None and length.unit != "real":
            calendar = self._program.case_types[case.case_type].calendar
        until = calendar.due(self.now, length)
        if until is None:
            raise ValueError(f"{duration} never end in this calendar")
        return until

    # --- what is so ---------------------------------------------------------------------------

    def mark(self) -> None:
        """From here on counts what has happened since the step before."""
        self._mark = len(self.history)

    def effects_since_mark(self) -> list[Effect]:
        """Return the effects of all applied steps since the mark."""
        return [e for o in self._since_mark() for e in o.effects]

    def created_since_mark(self, without_first: bool = False) -> list[Case]:
        """Return the cases created since the mark, without the one that the step asked for."""
        made = [o.case for o in self._since_mark() if o.event.type == "create" and o.case]
        return made[1:] if without_first else made

    def _since_mark(self) -> Iterator[Outcome]:
        return (o for o in self.history[self._mark :] if o.status == "applied")

    def cases(self) -> Iterator[Case]:
        """Return all cases by ascending id."""
        return iter(self._engine.cases())

    def case(self, entity: str) -> Case | None:
        """Return a case as it is now, or None."""
        return self._engine.get(entity)

    def window(self, correlation: str, key: object, pack: str) -> Window | None:
        """Return the window of a correlation for one value of its key, or None.

        Raises:
            EventError: no correlation is named so.
            ValueError: the key is not of its type.
        """
        own = f"{pack}.{correlation}"
        known = self._program.correlations
        return self._engine.window(own if own in known else correlation, key)

    def signal(self, name: str, pack: str) -> str | None:
        """Return what a signal is sent as, that of ``pack`` where it has one, or None."""
        own, signals = f"{pack}.{name}", self._program.signals
        if own in signals:
            return own
        return name if meant(name, signals) else None

    def qualified(self, case_type: str, pack: str) -> str:
        """Return the qualified name of a case type: that of ``pack`` where it has one."""
        own = f"{pack}.{case_type}"
        return own if own in self._program.case_types else case_type

    def case_references(self, case_type: str, entity: str, event_type: str) -> frozenset[str]:
        """Return the names of fields, and of an event's data, that refer to cases."""
        if not case_type:
            case = self.case(entity)
            case_type = case.case_type if case is not None else ""
        if not case_type:
            signals = self._program.signals.items()
            named = (s for name, s in signals if event_type in (name, name.rpartition(".")[2]))
            data = (field for signal in named for field in signal.data.values())
            return frozenset(field.name for field in data if field.target_is_case)
        try:
            ct = self._program.case_type(case_type)
        except EventError:
            return frozenset()
        declared: list[Mapping[str, Any]] = [ct.fields, ct.event_data.get(event_type, {})]
        if event_type == "activity" and ct.playbook is not None:
            for activity in ct.playbook.line:
                declared += [action.data for action in activity.actions.values()]
        return frozenset(
            name for fields in declared for name, field in fields.items() if field.target_is_case
        )

    def value(self, case: Case, name: str) -> Any:
        """Return what an expectation calls ``name``: a column, field, list, clocks or playbook."""
        if name in COLUMNS:
            return getattr(case, name)
        view = self._program.view(case, now=self.now)
        if name == "sla":
            return {clock: view.sla(clock) for clock in case.clocks}
        if name == "playbook":
            return _playbook(case)
        if name in case.journals:
            journal = case.journals[name]
            return {"count": journal.count, "last": journal}
        ct = self._program.case_types[case.case_type]
        if name in ct.related:
            return view.related_list(name)
        if name not in ct.fields:
            raise ValueError(f'{case.case_type} has no "{name}"')
        return view.fresh(name)

    def evaluate(self, text: str, aliases: Mapping[str, str], case: Case | None) -> Any:
        """Return the value of FEEL over the named cases, ``now`` and the fields of one case.

        Raises:
            ValueError: it is not FEEL.
        """
        context: dict[str, Any] = {"now": self.now}
        for alias, entity in aliases.items():
            found = self.case(entity)
            if found is not None:
                context[alias] = _context(found)
        if case is not None:
            context |= _context(case)
        try:
            return feel.evaluate(text, context)
        except feel.FeelError as err:
            raise ValueError(f"= {text}: {err}") from err

    def _record_type(self, name: str, pack: str) -> str:
        types = self._program.record_types
        for candidate in (name, f"{pack}.{name}"):
            if candidate in types:
                return candidate
        same = [t for t in types if t.rpartition(".")[2] == name]
        if len(same) != 1:
            raise ValueError(f'no record type "{name}"; there are {", ".join(sorted(types))}')
        return same[0]


def instant(text: str) -> dt.datetime:
    """Return the instant that a text says.

    Raises:
        ValueError: it is none, or has no offset.
    """
    at = dt.datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f'"{text}" has no offset; write {text}Z or {text}+01:00')
    return at


def _context(case: Case) -> dict[str, Any]:
    return {**case.fields, **{name: getattr(case, name) for name in COLUMNS}}


def _playbook(case: Case) -> dict[str, Any] | None:
    record = case.playbook
    if record is None:
        return None
    return {
        "name": record.name,
        "stage": record.stage,
        "activity": record.activity,
        "completed": list(record.completed),
        "activities": {name: entry.status for name, entry in record.activities.items()},
    }
