"""The work record of one step: the case in the making, as expressions see it and as it changes.

It extends the view that expressions read. What each change means and what it makes stale is here;
what it asks for outside is in ``asking``, how it settles in ``step``.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, cast

from casewright.actions import BadValue
from casewright.case import (
    JOURNAL_OF,
    Case,
    Effect,
    Entry,
    Event,
    Ignored,
    Journal,
    OpenCall,
    PastEvent,
    Problem,
    RelatedList,
)
from casewright.feel import Budget
from casewright.program.words import CaseWords
from casewright.view import View

if TYPE_CHECKING:
    from datetime import datetime

    from casewright.bind.fields import FieldDefinition
    from casewright.case import Actor, Clocks, Playbook, Related, Timer
    from casewright.feel import Expression
    from casewright.flow import Transition
    from casewright.playbook import Act, Move, Settled
    from casewright.program.kind import CaseType
    from casewright.program.step import Step
    from casewright.rules.bindings import Binding


RECENT_EVENTS = 50
"""How many events a case keeps where its case type reads them."""


class Work(View):
    """What one step is making of one case."""

    __slots__ = (
        "_at_begin",
        "act",
        "acting_as",
        "base_clocks",
        "base_playbook",
        "begin_clocks",
        "begun_entry",
        "begun_playbook",
        "bindings",
        "calls",
        "causes",
        "changed_bits",
        "ct",
        "done_playbook",
        "effects",
        "entries",
        "fired",
        "handled",
        "held_before",
        "ignored",
        "is_applied",
        "is_create",
        "is_outside",
        "moved",
        "moves",
        "news",
        "notified",
        "once",
        "owns_clocks",
        "owns_fields",
        "pending",
        "playbook_done",
        "playbook_round",
        "previous_parts",
        "queue",
        "raised",
        "raisers",
        "refused",
        "root",
        "root_event",
        "row",
        "settled_playbook",
        "state_entry",
        "state_since_us",
        "step_bits",
        "timers",
        "told",
        "touched",
        "trace",
        "waiting",
        "written",
    )

    def __init__(
        self,
        ct: CaseType,
        case: Case,
        event: Event,
        related: Related,
        now_us: int,
        *,
        now: datetime | None = None,
        trace: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(ct, case, related, now_us, Budget(ct.limits.evaluation))
        self._now = now
        self.ct = ct
        self.root = event
        self.root_event = event
        self.is_create = case.revision == 0
        if self.is_create:
            self.before = None
        self.is_outside = event.origin is None and event.delivered_us is None
        self.acting_as = event.actor
        self.begin_clocks = case.clocks
        self.begun_entry = case.state_entry
        self.begun_playbook = case.playbook
        self.state_entry: int = case.state_entry
        self.state_since_us = case.state_since_us
        self.timers: tuple[Timer, ...] = case.timers
        self.calls: tuple[OpenCall, ...] = case.calls
        self.once = case.once
        self.told = case.told
        self.effects: list[Effect] = []
        self.entries: list[Entry] = []
        self.causes: list[str] = []
        self.ignored: list[Ignored] = []
        self.handled: list[tuple[str, int]] = []
        self.queue: deque[tuple[Event, bool]] = deque()
        self.pending: list[tuple[Event, bool]] = []
        self.notified: set[str] = set()
        self.written: set[str] = set()
        self.trace = trace
        self.act: Act | None = None
        self.is_applied = False
        self.raised = 0
        self.bindings = 0
        self.news: int = 0
        self.raisers: list[tuple[int, int, str]] = []
        self.touched = False
        self.step_bits: int = 0
        self.row: Transition | None = None
        self.refused: list[Problem] = []
        self.settled_playbook: Settled | None = None
        self.previous_parts: tuple[Any, ...] | None = None
        self._at_begin: View | None = None

    # --- the view ---------------------------------------------------------------------------

    @property
    def view(self) -> View:
        """Return the view on which values are worked out."""
        return self

    @property
    def previous(self) -> View | None:
        """Return the case before this internal event; None in the first one of a ``create``."""
        if self._previous is None and self.previous_parts is not None:
            self._previous = _moment(self, self.previous_parts)
        return self._previous

    def begin(self, event: Event) -> None:
        """Start an internal event: from here on ``previous`` is the case as it is now."""
        self.event = event
        self.handled.append((event.type, len(self.causes)))
        self.actor = event.actor
        self.acting_as = event.actor
        self._held = None
        self._previous = None
        if self.is_create and event is self.root_event:
            self.previous_parts = None
            self.stale = self.ct.all_derived
        else:
            self.previous_parts = (
                self.fields,
                self.state,
                self.clocks,
                self.playbook,
                self.related_lists,
                self.parents,
                self.journals,
                self.recent,
            )
        self.owns_fields = False
        self.owns_clocks = False
        self.base_clocks = self.clocks
        self.base_playbook = self.playbook
        self.changed_bits = 0
        self.lets = {}
        self.fired: set[int | tuple[int, str]] = set()
        self.waiting: dict[int, list[Binding]] = {}
        self.held_before: dict[int, frozenset[str]] = {}
        self.done_playbook: set[str] = set()
        self.moves: list[Move] = []
        self.settled_playbook = None
        self.playbook_round: int = 0
        self.playbook_done: list[tuple[str, str]] = []
        self.row = None
        self.moved: int = self.stale
        self.stale |= self.ct.always | self.ct.stale_on.get(event.type, 0)

    def computed(self, name: str, bit: int) -> Any:
        """Return a computed field, worked out again if something that it reads has changed."""
        if self.stale & bit:
            self.refresh(bit)
        return self.fields.get(name)

    def sla(self, name: str) -> object | None:
        """Return ``sla.<name>``, settled with the case as it is now."""
        bit = self.ct.clock_bits.get(name, 0)
        if self.stale & bit:
            self.refresh(bit)
        return super().sla(name)

    def playbook_view(self) -> object | None:
        """Return ``playbook``, settled with the case as it is now."""
        if self.stale & self.ct.playbook_bit:
            self.refresh(self.ct.playbook_bit)
        return super().playbook_view()

    def changed(self, name: str) -> bool:
        """Return ``changed(name)`` without making the view of the moment before."""
        parts, ct = self.previous_parts, self.ct
        is_field = name in ct.fields and name not in ct.journal_bits
        if parts is None or not is_field or self.event is None:
            return super().changed(name)
        return bool(self.fresh(name) != parts[0].get(name))

    def fresh(self, name: str) -> Any:
        """Return a field or column by name, a computed one up to date."""
        definition = self.ct.fields.get(name)
        if definition is not None and definition.computed is not None:
            return self.computed(name, definition.bit)
        return super().fresh(name)

    # --- changes ----------------------------------------------------------------------------

    def mark(self, bit: int) -> None:
        """Note that what ``bit`` stands for has changed."""
        self.stale |= self.ct.dependents.get(bit, 0)
        self.mark_derived(bit)

    def mark_derived(self, bit: int) -> None:
        """Note that a computed field, clock or the playbook has changed: what reads it is stale."""
        self.changed_bits |= bit
        self.news |= bit
        self.moved |= self.ct.dependents.get(bit, 0)
        if bit & self.ct.roles_mask:
            self._held = None

    def refresh(self, bit: int) -> None:
        """Work out a computed field, clock or the playbook again."""
        self.stale &= ~bit
        self.ct.derived[bit](cast("Step", self))

    def store(self, definition: FieldDefinition, value: Any) -> None:
        """Write a field value that has been converted."""
        name = definition.name
        old = self.fields.get(name)
        if old == value and type(old) is type(value):
            return
        if not self.owns_fields:
            self.fields = self.fields.copy()
            self.owns_fields = True
        if value is None:
            del self.fields[name]
        else:
            self.fields[name] = value
        self.touched = True
        self.written.add(name)
        self.mark(definition.bit)

    def store_computed(self, definition: FieldDefinition, value: object) -> None:
        """Write what a computed field has been worked out to be."""
        name = definition.name
        old = self.fields.get(name)
        if old == value and old.__class__ is value.__class__:
            return
        try:
            converted = definition.convert(value)
        except ValueError as err:
            raise BadValue(f"fields/{name}/computed", str(err)) from err
        if old == converted:
            return
        if not self.owns_fields:
            self.fields = self.fields.copy()
            self.owns_fields = True
        if converted is None:
            del self.fields[name]
        else:
            self.fields[name] = converted
        self.written.add(name)
        self.mark_derived(definition.bit)

    def put_clock(self, name: str, bit: int, clocks: Clocks | None) -> None:
        """Note the state of a clock, as settled so far in this internal event."""
        known = self.clocks.get(name)
        if clocks is known or clocks == known:
            return
        if not self.owns_clocks:
            self.clocks = dict(self.clocks)
            self.owns_clocks = True
        if clocks is None:
            del self.clocks[name]
        else:
            self.clocks[name] = clocks
        self.mark_derived(bit)

    def put_playbook(self, playbook: Playbook) -> None:
        """Note the progress of the playbook, as settled so far in this internal event."""
        if playbook is not self.playbook and playbook != self.playbook:
            self.playbook = playbook
            self.mark_derived(self.ct.playbook_bit)

    def put_related(self, name: str, summary: RelatedList) -> None:
        """Replace the summary of a related list."""
        self.related_lists = {**self.related_lists, name: summary}
        self.mark(self.ct.related_bits[name])

    def record(
        self, kind: str, text: str, author: Actor, data: dict[str, Any] | None = None
    ) -> None:
        """Add an entry to the case's journal."""
        roles = tuple(sorted(self.held_roles())) if author is self.actor else ()
        self.entries.append(Entry(kind, text, author.id, roles, self.now, data or {}))
        name = JOURNAL_OF.get(kind)
        if name is not None:
            before = self.journals.get(name)
            count = 1 if before is None else before.count + 1
            self.journals = {
                **self.journals,
                name: Journal(count, text, author.id, roles, self.now),
            }
            self.mark(self.ct.journal_bits[name])

    def remember(self) -> None:
        """Keep the event that came in among the case's recent ones."""
        event = self.root_event
        roles = tuple(sorted(self.held_roles()))
        past = PastEvent(event.id, event.type, self.now, event.actor.id, roles)
        self.recent = (*self.recent[1 - RECENT_EVENTS :], past)
        self.mark(self.ct.recent_bit)

    # --- reasons ----------------------------------------------------------------------------

    def holds(self, condition: Expression, position: str, place: str) -> bool:
        """Return True if a condition holds, noting it where a trace is asked for."""
        held = condition.true(self, self.budget)
        if self.trace is not None:
            self.explain(condition, position, place, held=held)
        return held

    def explain(
        self, condition: Expression, position: str, place: str, *, held: bool | None = None
    ) -> None:
        """Note why a condition holds or not; ``held`` says whether it did, if that is not all."""
        because = condition.explain(self)
        if held is None:
            held = because.value is True
        deciding = () if held else condition.deciding(self, CaseWords(self.ct, self))
        self.note(
            position,
            place,
            condition=condition.text,
            held=held,
            because=because,
            deciding=deciding,
        )

    def note(self, kind: str, place: str, **facts: Any) -> None:
        """Add a line to the trace, where one is asked for."""
        if self.trace is not None:
            event = self.event
            self.trace.append(
                {"event": event.type if event else "", "kind": kind, "place": place, **facts}
            )

    def ignored_note(self, what: str, reason: str) -> None:
        """Note something that could not be done."""
        self.ignored.append(Ignored(what, reason))


def _moment(step: Work, parts: tuple[Any, ...]) -> View:
    view = View.__new__(View)
    view.take_around(step)
    (
        view.fields,
        view.state,
        view.clocks,
        view.playbook,
        view.related_lists,
        view.parents,
        view.journals,
        view.recent,
    ) = parts
    view.stale = 0
    view.forget_previous()
    return view
