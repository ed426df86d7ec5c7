"""What can be in a case of a type, and around it when an event is handled: known before any is.

Everything here says at least what can be; what is not known may be anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from casewright.bind.shape import BUILT_IN_DATA, ENGINE_EVENTS
from casewright.case import COLUMNS
from casewright.lint.rules import values as of
from casewright.lint.rules.formulas import RELATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.bind.shape import Shape
    from casewright.lint.rules.formulas import Subject
    from casewright.lint.rules.values import Values

_KINDS = {
    "string": of.TEXTS,
    "text": of.TEXTS,
    "template": of.TEXTS,
    "reference": of.TEXTS,
    "boolean": of.TRUTHS,
    "number": of.NUMBERS,
    "integer": of.WHOLE,
    "date": of.REST,
    "date_time": of.REST,
    "journal": of.REST,
    "attachment": of.REST,
}
_CLOCK = {
    "status": of.points(("in_progress", "paused", "completed", "cancelled")).and_null(),
    "breached": of.TRUTHS.and_null(),
    "breaches": of.WHOLE.and_null(),
}
_FIXED = frozenset({"id", "number", "case_type", "created_at", "created_by"})
_POSTED = frozenset({"comment", "work_note"})
_SHUT = frozenset(BUILT_IN_DATA) - _POSTED - {"create"}


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known of the moments at which a condition is looked at.

    Attributes:
        events: types of the event that is handled; empty: not known.
        states, before: states that the case can be in now, and before the event; none: there was no
            case before it.
        is_system: the actor is surely the engine.
        is_new: the event may be the first one of a case.
    """

    events: tuple[str, ...] = ()
    states: frozenset[str] | None = None
    before: frozenset[str] | None = None
    is_system: bool = False
    is_new: bool = True


ANY_MOMENT = Moment()


class Facts:
    """What can be in cases of one type.

    Attributes:
        shape: what the case type declares.
        ct: the same, compiled.
        case_types: every case type, compiled, by qualified name.
        raised: event types that specs raise or send, or that follow from a record producer.
    """

    def __init__(self, shape: Shape, ct: Any, case_types: Mapping[str, Any]) -> None:
        self.shape = shape
        self.ct = ct
        self.case_types = case_types
        then = {way.then for way in ct.producers.values() if way.then is not None}
        self.raised: frozenset[str] = frozenset(shape.sent | then)
        self._named = then | set(_playbook_events(ct))
        self._known: dict[str, Values] = {}
        self._moments: dict[tuple[str, ...], Moment] = {}
        self._columns()

    # --- values -------------------------------------------------------------------------------

    def universe(self, moment: Moment = ANY_MOMENT) -> Callable[[Subject], Values]:
        """Return what gives the values that a subject can have at a moment."""
        return partial(self._values, moment)

    def _values(self, moment: Moment, subject: Subject) -> Values:
        key = subject.key
        if key == "state" and moment.states is not None:
            return of.points(moment.states)
        if moment.before is not None and not moment.before and key.startswith("previous"):
            return of.NULL
        if key == "previous.state" and moment.before is not None:
            before = of.points(moment.before)
            return before.and_null() if moment.is_new else before
        if key == "event.type" and moment.events:
            return of.points(moment.events)
        if key.startswith("has role("):
            return of.FALSE if moment.is_system else of.TRUTHS
        if key.startswith("changed("):
            fixed = not moment.is_new and key[9:-2] in _FIXED
            return of.FALSE if fixed else of.TRUTHS
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._of(key)
        return found

    def _columns(self) -> None:
        states = of.points(self.shape.states) if self.shape.states else of.TEXTS
        self._known["state"] = states
        self._known["previous.state"] = states.and_null()
        for column in ("id", "case_type"):
            self._known[column] = of.TEXTS

    def _of(self, key: str) -> Values:
        if " ? " in key:
            return RELATIONS
        head, _, rest = key.partition(".")
        if head == "previous" and rest:
            return self._of(rest).and_null()
        if head == "sla":
            name, _, part = rest.partition(".")
            return _CLOCK.get(part, of.ANY) if name in self.shape.clocks else of.ANY
        definition = self.shape.fields.get(key)
        return of.ANY if definition is None else _field(definition)

    # --- events -------------------------------------------------------------------------------

    def at_event(self, events: tuple[str, ...]) -> Moment:
        """Return what is known when rules are tried in events of these types."""
        found = self._moments.get(events)
        if found is None:
            found = self._moments[events] = Moment(
                events,
                self._joined(self._after(event) for event in events),
                self._joined(self._before(event) for event in events),
                all(self._is_system(event) for event in events),
                "create" in events or not self._never_first(events),
            )
        return found

    def at_transition(self, row: Any) -> Moment:
        """Return what is known when a transition is tried."""
        sources = frozenset(row.sources)
        is_system = row.roles == frozenset({"system"}) or all(map(self._is_system, row.on))
        return Moment(row.on, sources, None, is_system)

    def _never_first(self, events: Iterable[str]) -> bool:
        return all(event not in self.raised and event not in ENGINE_EVENTS for event in events)

    def _is_system(self, event: str) -> bool:
        """Return whether only the engine can be the actor of an event."""
        if event in self._named:
            return False
        return event in ENGINE_EVENTS or event in self.ct.closed_events

    def _is_outside(self, event: str) -> bool:
        return event not in self.raised and event not in ENGINE_EVENTS and event not in _POSTED

    def _before(self, event: str) -> frozenset[str] | None:
        """Return the states in which an event of a type can come in, None for any."""
        if not self._is_outside(event):
            return None
        if event == "create":
            return frozenset()
        if event in _SHUT:
            return frozenset(n for n, s in self.ct.flow.states.items() if not s.read_only)
        return frozenset(source for row in self._rows(event) for source in row.sources)

    def _after(self, event: str) -> frozenset[str] | None:
        """Return the states in which an event of a type can leave the case, None for any."""
        if not self._is_outside(event):
            return None
        found = {
            state
            for row in self._rows(event)
            for state in (row.sources if row.to is None else (row.to,))
        }
        if event == "create":
            return frozenset(found | {self.ct.flow.initial})
        before = self._before(event) if event in _SHUT else None
        return frozenset(found | (before or frozenset()))

    def _rows(self, event: str) -> Iterator[Any]:
        return (row for row in self.ct.flow.transitions if event in row.on)

    @staticmethod
    def _joined(sets: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
        joined: set[str] = set()
        for one in sets:
            if one is None:
                return None
            joined |= one
        return frozenset(joined)

    # --- names --------------------------------------------------------------------------------

    def can_change(self, name: str) -> bool:
        """Return whether ``changed(name)`` names something of the case."""
        shape = self.shape
        known = (shape.fields, COLUMNS, shape.related, shape.journal_bits)
        return any(name in names for names in known)

    def can_hold(self, role: str) -> bool:
        """Return whether an actor can hold a role of this name on a case of the type."""
        return self.ct.roles.is_open or role in self.ct.roles.definitions

    def roles_with(self, role: str) -> frozenset[str]:
        """Return the roles that hold a role, itself among them."""
        definitions = self.ct.roles.definitions
        found = {role}
        grew = True
        while grew:
            more = {n for n, d in definitions.items() if found & set(d.includes)} - found
            found |= more
            grew = bool(more)
        return frozenset(found)


def _playbook_events(ct: Any) -> Iterator[str]:
    """Yield the event types that actions of activities and cards are."""
    for playbook in ct.playbooks:
        for activity in playbook.line:
            cards = [card.actions for card in activity.cards.values()]
            for actions in (activity.actions, *cards):
                yield from (a.event for a in actions.values() if a.event is not None)


def _field(definition: FieldDefinition) -> Values:
    """Return the values that a field can have."""
    if definition.many:
        return of.REST.and_null()
    if definition.kind == "choice":
        known = [*definition.choices, *(v for b in definition.branches.values() for v in b)]
        return of.points(known).and_null() if known else of.ANY
    found = _KINDS.get(definition.kind, of.ANY)
    if found in (of.NUMBERS, of.WHOLE):
        for op, bound in ((">=", definition.minimum), ("<=", definition.maximum)):
            if bound is not None:
                found = found.both(of.compared(op, bound)[0])
    return found.and_null() if found is not of.ANY else found


def kind_values(model: Any) -> Values:
    """Return the values that data of a signal can have, by its declaration."""
    if model.many:
        return of.REST.and_null()
    if model.type == "choice":
        return of.ANY
    return _KINDS.get(model.type, of.ANY).and_null()
