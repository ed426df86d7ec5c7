"""A compiled case type: everything that a step of one of its cases looks up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casewright.bind.shape import ENGINE_EVENTS
from casewright.spec.clock_view import ClockView, clock_item
from casewright.spec.playbook_view import PlaybookView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from zoneinfo import ZoneInfo

    from casewright.actions.timers import TimerDefinition
    from casewright.bind.fields import FieldDefinition
    from casewright.bind.roles import Roles
    from casewright.bind.values import Value
    from casewright.case import Clocks, Event, Playbook
    from casewright.dmn import Table
    from casewright.feel import Expression
    from casewright.flow import Flow
    from casewright.notify import Messages, Notifications
    from casewright.playbook import PlaybookDefinition
    from casewright.program.step import Step
    from casewright.rules.case_rules import Rules
    from casewright.rules.correlations.definition import Watches
    from casewright.sla import ClockDefinition
    from casewright.temporal import Calendar
    from casewright.view import View
    from casewright.views import HandlingNote, Views


_ORDERS_LIMIT = 4_096


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one step; all are settings of the program.

    Attributes:
        raised_events: internal events of a step.
        effects: effects of a step.
        bindings: what rules over several facts fire for in a step.
        timers: pending timers of a case.
        timer_steps: timer steps of one ``advance``.
        evaluation: evaluation steps of a step's expressions.
        record_bytes: size of a case's canonical form.
        observations: that a window may hold.
        hops: entities that a chain of events may cross.
        call_us: how long an answer to a call is waited for where the spec does not say.
    """

    raised_events: int = 64
    effects: int = 1_000
    bindings: int = 1_000
    timers: int = 1_000
    timer_steps: int = 10_000
    evaluation: int = 100_000
    record_bytes: int = 1_048_576
    observations: int = 1_000
    hops: int = 16
    call_us: int = 3_600_000_000


@dataclass(frozen=True, slots=True, eq=False)
class WayIn:
    """A service or record producer."""

    name: str
    title: str
    set: tuple[tuple[FieldDefinition, Value], ...]
    roles: frozenset[str]
    when: Expression | None
    fields: frozenset[str] = frozenset()
    then: str | None = None
    playbook: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RelatedKind:
    """A related list: its children's case types by name, and their field that points here."""

    name: str
    by: str
    types: Mapping[str, CaseType]


@dataclass(frozen=True, slots=True, eq=False)
class ReportTo:
    """Whom a child tells of its changes: the case that its field ``by`` names.

    Attributes:
        lists: related lists of the parent's case type that hold the child.
        case_type: the parent's, qualified.
    """

    by: str
    case_type: str
    lists: tuple[str, ...]


@dataclass(slots=True, eq=False)
class CaseType:
    """One case type, compiled; complete once ``compile`` has returned it, immutable from then on.

    Attributes:
        name: qualified.
        positions: file order of the fields.
        roles_mask: bits that conditions of roles read.
        recent_bit: of the events that came to it; ``keeps_events`` says whether they are kept.
        always: bits of what is worked out in every internal event, whatever has changed.
        dependents: by bit, the bits of what is worked out again when it changes, transitively.
        derived: by bit, how a computed field, clock or the playbook is worked out.
        orders: what is worked out, in order, by the bits that are stale; filled as they come up.
        stale_on: by event type, bits of clocks that listen to it.
        listened: announced event types that some spec listens to.
        closed_events: event types that only specs raise.
        checks: constraints with the bits that they read.
        required_mask: bits of the state and of what is required.
        moving_timers: by key, the bits that a state timer's instant reads.
        reported: fields that expressions of other case types read.
        watches: what correlations observe of its cases, or None.
        tables: all of the program, in the order in which expressions number them.
        takes_data: event types whose data is looked at even where none was given.
        told: related lists whose children read something of this case, each with their field.
    """

    name: str
    title: str
    pack: str
    domain: str
    fields: dict[str, FieldDefinition]
    flow: Flow
    roles: Roles
    limits: Limits
    zone_info: ZoneInfo
    calendar: Calendar
    calendars: Mapping[str, Calendar]
    number: tuple[str, int] | None = None
    lineage: tuple[str, ...] = ()
    event_data: dict[str, dict[str, FieldDefinition]] = field(default_factory=dict)
    clocks: dict[str, ClockDefinition] = field(default_factory=dict)
    clock_bits: dict[str, int] = field(default_factory=dict)
    playbook: PlaybookDefinition | None = None
    service_playbooks: dict[str, PlaybookDefinition] = field(default_factory=dict)
    playbook_bit: int = 0
    recent_bit: int = 0
    keeps_events: bool = False
    journal_bits: dict[str, int] = field(default_factory=dict)
    related_bits: dict[str, int] = field(default_factory=dict)
    related: dict[str, RelatedKind] = field(default_factory=dict)
    reports: tuple[ReportTo, ...] = ()
    reported: frozenset[str] = frozenset()
    reads: frozenset[tuple[str, ...]] = frozenset()
    told: tuple[tuple[str, str], ...] = ()
    positions: dict[str, int] = field(default_factory=dict)
    roles_mask: int = 0
    always: int = 0
    dependents: dict[int, int] = field(default_factory=dict)
    derived: dict[int, Callable[[Step], None]] = field(default_factory=dict)
    derived_order: tuple[int, ...] = ()
    orders: dict[int, tuple[tuple[int, Callable[[Step], None]], ...]] = field(default_factory=dict)
    all_derived: int = 0
    stale_on: dict[str, int] = field(default_factory=dict)
    listened: frozenset[str] = frozenset()
    heard: frozenset[str] = frozenset()
    closed_events: frozenset[str] = frozenset()
    services: dict[str, WayIn] = field(default_factory=dict)
    producers: dict[str, WayIn] = field(default_factory=dict)
    defaults: tuple[tuple[FieldDefinition, Value], ...] = ()
    checks: tuple[tuple[FieldDefinition, int], ...] = ()
    required: tuple[FieldDefinition, ...] = ()
    required_mask: int = 0
    dependent_choices: tuple[FieldDefinition, ...] = ()
    timers: dict[str, TimerDefinition] = field(default_factory=dict)
    timers_of: dict[tuple[str, str], tuple[TimerDefinition, ...]] = field(default_factory=dict)
    moving_timers: dict[str, int] = field(default_factory=dict)
    rules: Rules = None  # type: ignore[assignment]  # set by compile, which builds in two passes
    notifications: Notifications = None  # type: ignore[assignment]  # as above
    messages: Messages = None  # type: ignore[assignment]  # as above
    views: Views = None  # type: ignore[assignment]  # as above
    watches: Watches | None = None
    tables: tuple[Table, ...] = ()
    handling_notes: tuple[HandlingNote, ...] = ()
    engine_events: frozenset[str] = ENGINE_EVENTS
    takes_data: frozenset[str] = frozenset()

    @property
    def bare(self) -> str:
        """Return the name without its pack."""
        return self.name.rpartition(".")[2]

    @property
    def initial(self) -> str:
        """Return the state of a new case."""
        return self.flow.initial

    def order_of(self, stale: int) -> tuple[tuple[int, Callable[[Step], None]], ...]:
        """Return what is worked out again for the bits ``stale``, in the order of dependency."""
        found = self.orders.get(stale)
        if found is None:
            found = tuple((bit, self.derived[bit]) for bit in self.derived_order if bit & stale)
            if len(self.orders) < _ORDERS_LIMIT:
                self.orders[stale] = found
        return found

    def hears(self, event_type: str) -> bool:
        """Return True if some rule, clock or notification listens to the event type."""
        return event_type in self.heard

    def answer_to(self, step: Step, event: Event) -> bool:
        """Return True if the event answers a call that is open."""
        return bool(step.calls) and any(
            call.id == event.id and event.type in (call.result, call.error) for call in step.calls
        )

    def calendar_named(self, name: str) -> Calendar:
        """Return a calendar by name; the case type's where there is none of that name."""
        return self.calendars.get(name, self.calendar)

    def clock_view(self, name: str, clocks: Clocks, now_us: int) -> object:
        """Return ``sla.<name>`` as expressions see it."""
        return ClockView(self.clocks[name].measure, clocks, now_us)

    def clock_items(self, view: View) -> list[dict[str, Any]]:
        """Return the elements of ``clocks``: those that have started, in file order."""
        shown = ((name, view.sla(name)) for name in self.clocks)
        return [clock_item(name, one) for name, one in shown if isinstance(one, ClockView)]

    def playbook_of(
        self, record: Playbook | None, service: str | None = None
    ) -> PlaybookDefinition | None:
        """Return the playbook of a case: the service's that it was made with, or its type's.

        Args:
            record: its progress, None while it has none.
            service: that it is being made with, or None.
        """
        if not self.service_playbooks:
            return self.playbook
        if record is None:
            return self.service_playbooks.get(service or "", self.playbook)
        for definition in self.service_playbooks.values():
            if definition.name == record.name:
                return definition
        return self.playbook

    @property
    def playbooks(self) -> list[PlaybookDefinition]:
        """Return every playbook that cases of the type may have."""
        found = [self.playbook, *self.service_playbooks.values()]
        return list({one.name: one for one in found if one is not None}.values())

    def playbook_view(self, playbook: Playbook) -> object:
        """Return ``playbook`` as expressions see it."""
        return PlaybookView(playbook, self)
