"""Going round a circle of rules and transitions in thought: whether it comes to its end.

What is known of the case is kept from one to the next: what conditions have asked and actions have
set. Who goes round twice and is never stopped may go on for ever; who has every condition on the
second round decided by what is known, does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casewright.lint.rules import values as of
from casewright.lint.rules.formulas import All, Atom, Solver, Subject, sure_atoms
from casewright.lint.rules.reading import follows
from casewright.lint.rules.rulebook import reader_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casewright.bind.values import Value
    from casewright.feel import Expression
    from casewright.lint.rules.formulas import Formula
    from casewright.lint.rules.handlers import Emission, Handler
    from casewright.lint.rules.reading import Reader
    from casewright.lint.rules.values import Values

_OF_EVENT = frozenset({"event", "actor", "previous"})
_STATE = Subject("state", frozenset({"state"}))


@dataclass(frozen=True, slots=True)
class Link:
    """One part of a circle: a handler, and what leads from it to the next one."""

    handler: Handler
    emission: Emission


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a circle goes.

    Attributes:
        is_sure: nothing in it stops it.
        relied: names of what was taken to stay as it is.
    """

    is_sure: bool
    relied: frozenset[str]


@dataclass(slots=True)
class _Known:
    """What is known of one case.

    Attributes:
        now: sets of values of subjects of the case, by key; and by key what they read.
        before: the same at the beginning of the event that is handled.
    """

    now: dict[str, tuple[Values, frozenset[str]]] = field(
        default_factory=dict[str, "tuple[Values, frozenset[str]]"]
    )
    before: dict[str, tuple[Values, frozenset[str]]] = field(
        default_factory=dict[str, "tuple[Values, frozenset[str]]"]
    )

    def forget(self, names: frozenset[str]) -> None:
        """Drop what may be different now."""
        self.now = {key: kept for key, kept in self.now.items() if not kept[1] & names}

    def learn(self, key: str, values: Values, reads: frozenset[str]) -> None:
        """Keep what a subject's value is one of."""
        known = self.now.get(key)
        self.now[key] = (values if known is None else known[0].both(values), reads)


@dataclass(slots=True)
class _Arrival:
    """The event that the next handler acts on; ``link`` made it, None at the beginning."""

    link: Link | None = None
    is_system: bool = False


def verdict(circle: Sequence[Link]) -> Verdict | None:
    """Return how a circle goes, None if it is sure to stop."""
    walk = _Walk(circle)
    for is_second in (False, True):
        for at, link in enumerate(circle):
            if not walk.passes(link, circle[(at + 1) % len(circle)], is_second=is_second):
                return None
    return Verdict(walk.is_sure, frozenset(walk.relied))


class _Walk:
    """One walk around a circle."""

    def __init__(self, circle: Sequence[Link]) -> None:
        self.cases: dict[str, _Known] = {}
        self.arrival = _Arrival()
        self.is_sure = True
        self.relied: set[str] = set()
        self.touched = frozenset(name for link in circle for name in link.handler.touched)

    def passes(self, link: Link, following: Link, *, is_second: bool) -> bool:
        """Go through one handler; False if it is sure not to act."""
        handler = link.handler
        known = self.cases.setdefault(handler.facts.ct.name, _Known())
        formulas = [*self._entry(handler), *self._guards(link)]
        solver = Solver(lambda subject: self._values(handler, known, subject))
        if not solver.fits(*formulas) or self._has_held(handler, known):
            return False
        if is_second and self.is_sure:
            self.is_sure = self._is_certain(link, known)
        for atom in sure_atoms(All(tuple(formulas))):
            if not atom.subject.reads & _OF_EVENT and not atom.subject.key.startswith("changed("):
                known.learn(atom.subject.key, atom.values, atom.subject.reads)
        self._act(handler, known)
        self._leave(link, following)
        return True

    # --- conditions -----------------------------------------------------------------------------

    def _entry(self, handler: Handler) -> list[Formula]:
        """Return when a handler acts."""
        found: list[Formula] = []
        if handler.sources is not None:
            found.append(Atom(_STATE, of.points(handler.sources)))
        if handler.when is not None:
            found.append(handler.reader.read(handler.when.tree))
        return found

    def _guards(self, link: Link) -> list[Formula]:
        """Return when the groups around the action let it be done, as far as that is known."""
        deed = link.emission.deed
        if deed is None:
            return []
        reads = link.handler.touched
        made = [(reader_of(guard, deed.local), guard) for guard in deed.guards]
        return [r.read(g.tree) for r, g in made if not {path[0] for path in g.reads} & reads]

    def _values(self, handler: Handler, known: _Known, subject: Subject) -> Values:
        """Return the values that a subject can have as a handler looks at it."""
        key = subject.key
        base = handler.facts.universe()(subject)
        if key.startswith("previous."):
            kept = known.before.get(key.removeprefix("previous."))
            return base if kept is None else base.both(kept[0].and_null())
        found = self._of_event(handler, key)
        if found is not None:
            return found.both(base)
        kept = known.now.get(key)
        return base if kept is None else base.both(kept[0])

    def _of_event(self, handler: Handler, key: str) -> Values | None:
        arrival = self.arrival
        if arrival.link is None:
            return None
        made = arrival.link.emission
        if key == "event.type":
            return of.points((made.event,)) if made.event else None
        if arrival.is_system and key.startswith("has role("):
            return of.FALSE
        if arrival.is_system and key == "actor.id":
            return of.points(("system",))
        if key.startswith("event.data."):
            return _given(made.data, key.removeprefix("event.data."), handler, made.event)
        if key.startswith("changed(") and made.event != "create":
            name = key[9:-2]
            brought = made.data is not None and name in made.data
            return None if name in self.touched or brought else of.FALSE
        return None

    def _is_certain(self, link: Link, known: _Known) -> bool:
        """Return whether a handler surely acts, with all that leads on."""
        handler, deed = link.handler, link.emission.deed
        if not handler.is_certain or not (deed is None or deed.is_sure):
            return False
        if handler.is_for_roles and not self.arrival.is_system:
            return False
        conditions: list[tuple[Expression, Reader]] = []
        if handler.when is not None:
            conditions.append((handler.when, handler.reader))
        if deed is not None:
            conditions += [(guard, reader_of(guard, deed.local)) for guard in deed.guards]
            if any({p[0] for p in guard.reads} & handler.touched for guard in deed.guards):
                return False
        for condition, reader in conditions:
            solver = Solver(lambda subject: self._values(handler, known, subject))
            if not follows(solver, condition.tree, reader):
                return False
            heads = {path[0] for path in condition.reads}
            self.relied |= heads - _OF_EVENT
        return self._is_in_state(handler, known) and self._becomes_true(handler, known)

    def _is_in_state(self, handler: Handler, known: _Known) -> bool:
        if handler.sources is None:
            return True
        self.relied.add("state")
        kept = known.now.get("state")
        outside = of.points(handler.sources).without()
        return kept is not None and not kept[0].both(outside)

    def _has_held(self, handler: Handler, known: _Known) -> bool:
        """Return whether a condition that is noticed by itself surely held before the event."""
        if handler.events or handler.when is None:
            return False
        return follows(self._before(handler, known), handler.when.tree, handler.reader)

    def _becomes_true(self, handler: Handler, known: _Known) -> bool:
        """Return whether a condition that is noticed by itself surely did not hold before."""
        if handler.events or handler.when is None:
            return True
        entry = handler.reader.read(handler.when.tree)
        return not self._before(handler, known).fits(entry)

    def _before(self, handler: Handler, known: _Known) -> Solver:
        universe = handler.facts.universe()

        def values(subject: Subject) -> Values:
            kept = known.before.get(subject.key)
            return universe(subject) if kept is None else universe(subject).both(kept[0])

        return Solver(values)

    # --- what follows ---------------------------------------------------------------------------

    def _act(self, handler: Handler, known: _Known) -> None:
        known.forget(handler.touched)
        fields = handler.facts.ct.fields
        for name, write in handler.leaves.items():
            if name in fields:
                known.learn(name, write.values, frozenset({name}))
        if handler.to is not None:
            known.learn("state", of.points((handler.to,)), _STATE.reads)

    def _leave(self, link: Link, following: Link) -> None:
        made = link.emission
        if not made.event:
            return  # the same event goes on
        self.arrival = _Arrival(link, not made.is_by_asker or self.arrival.is_system)
        name = following.handler.facts.ct.name
        if made.verb == "create":
            self.cases[name] = _new_case(following.handler, made)
        known = self.cases.setdefault(name, _Known())
        known.before = dict(known.now)
        if made.verb in ("raise", "send"):
            _bring(known, following.handler, made)


def _bring(known: _Known, handler: Handler, made: Emission) -> None:
    """Note the fields that an event brings."""
    data = made.data or {}
    known.forget(frozenset(data))
    for name, value in data.items():
        values = _constant(value)
        if values is not None and name in handler.facts.ct.fields:
            known.learn(name, values, frozenset({name}))


def _new_case(handler: Handler, made: Emission) -> _Known:
    """Return what is known of a case that has just been made."""
    known, ct = _Known(), handler.facts.ct
    known.learn("state", of.points((ct.flow.initial,)), _STATE.reads)
    given = {definition.name: value for definition, value in ct.defaults}
    given.update(made.data or {})
    by_service = made.deed is not None and made.deed.action.service is not None
    for name, definition in ct.fields.items():
        values = _constant(given[name]) if name in given else of.NULL
        if values is not None and definition.computed is None and not by_service:
            known.learn(name, values, frozenset({name}))
    return known


def _given(
    data: Mapping[str, Value] | None, name: str, handler: Handler, event: str
) -> Values | None:
    """Return what an event brings under a name; None where that is not known."""
    if data is None or "." in name:
        return None
    if name in data:
        return _constant(data[name])
    declared = handler.facts.ct.event_data.get(event, {}).get(name)
    return of.NULL if declared is None or declared.default is None else None


def _constant(value: Value) -> Values | None:
    literal = value.literal
    if value.is_literal and (literal is None or isinstance(literal, of.CONSTANTS)):
        return of.points((literal,))
    return None
