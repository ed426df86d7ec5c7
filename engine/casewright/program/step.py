"""The work record of one step: what is being made of the case, and every way to change it.

A step extends the view that expressions read, is the token that the flow's machine fires on, and is
the port through which actions act. The order in which things happen is in ``order.py``; here is
what each change means and what it makes stale.
"""

from __future__ import annotations

import hashlib
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

from casewright.actions import BadValue
from casewright.actions.timers import due_after
from casewright.case import (
    SYSTEM,
    Case,
    Cause,
    Effect,
    Entry,
    Event,
    Ignored,
    Journal,
    OpenCall,
    Problem,
    RelatedList,
)
from casewright.feel import Budget
from casewright.flow import ANYBODY
from casewright.playbook import Move, overview
from casewright.playbook import settle as settle_playbook
from casewright.program.related import counted, entered_item
from casewright.program.tell import send_notice
from casewright.sla import announcements, reasons, rests
from casewright.sla import settle as settle_clock
from casewright.view import View

if TYPE_CHECKING:
    from datetime import datetime

    from casewright.actions import ActionList, Call, Create, Send
    from casewright.bind.fields import FieldDefinition
    from casewright.case import Actor, Clocks, Playbook, Related, Timer
    from casewright.feel import Expression
    from casewright.flow import Transition
    from casewright.playbook import Act, Settled
    from casewright.program.kind import CaseType
    from casewright.sla import ClockDefinition

STATE_BIT = 1
POST_EVENTS = {"comment": "comments", "work_note": "work_notes"}
_KEY = msgspec.json.Encoder(order="deterministic", decimal_format="number")


class Rejected(Exception):  # noqa: N818  becomes a status
    """The asker's fault."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(problems)


class Failed(Exception):  # noqa: N818  becomes a status
    """The specs' fault."""

    def __init__(self, code: str, message: str, path: str = "") -> None:
        self.problem = Problem(code, message, path)
        super().__init__(message)


def child_id(creator: str, case_type: str, key: object) -> str:
    """Return the id of a case that a case creates: the same for the same key, for ever."""
    text = _KEY.encode([creator, case_type, key])
    return hashlib.sha256(text).hexdigest()[:24]


class Step(View):
    """One step on one case."""

    __slots__ = (
        "_at_begin",
        "act",
        "acting_as",
        "base_clocks",
        "base_playbook",
        "begin_clocks",
        "begun_entry",
        "begun_playbook",
        "calls",
        "causes",
        "changed_bits",
        "ct",
        "done_playbook",
        "effects",
        "entries",
        "fired",
        "handled",
        "ignored",
        "is_applied",
        "is_create",
        "is_outside",
        "moved",
        "moves",
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
        "refused",
        "root",
        "root_event",
        "row",
        "settled_playbook",
        "state_entry",
        "state_since_us",
        "step_bits",
        "timers",
        "touched",
        "trace",
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
        self.state_entry = case.state_entry
        self.state_since_us = case.state_since_us
        self.timers: tuple[Timer, ...] = case.timers
        self.calls: tuple[OpenCall, ...] = case.calls
        self.once = case.once
        self.effects: list[Effect] = []
        self.entries: list[Entry] = []
        self.causes: list[str] = []
        self.ignored: list[Ignored] = []
        self.handled: list[str] = []
        self.queue: deque[tuple[Event, bool]] = deque()
        self.pending: list[tuple[Event, bool]] = []
        self.notified: set[str] = set()
        self.written: set[str] = set()
        self.trace = trace
        self.act: Act | None = None
        self.is_applied = False
        self.raised = 0
        self.touched = False
        self.step_bits = 0
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
        self.handled.append(event.type)
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
            )
        self.owns_fields = False
        self.owns_clocks = False
        self.base_clocks = self.clocks
        self.base_playbook = self.playbook
        self.changed_bits = 0
        self.lets = {}
        self.fired: set[int] = set()
        self.done_playbook: set[str] = set()
        self.moves: list[Move] = []
        self.settled_playbook = None
        self.playbook_round = 0
        self.playbook_done: list[tuple[str, str]] = []
        self.row = None
        self.moved = self.stale
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
        parts = self.previous_parts
        if parts is None or name not in self.ct.fields or self.event is None:
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
        self.moved |= self.ct.dependents.get(bit, 0)
        if bit & self.ct.roles_mask:
            self._held = None

    def refresh(self, bit: int) -> None:
        """Work out a computed field, clock or the playbook again."""
        self.stale &= ~bit
        self.ct.derived[bit](self)

    def put(self, definition: FieldDefinition, value: object) -> None:
        """Set a field; a journal field posts instead."""
        converted = definition.convert(value)
        if definition.kind == "journal":
            if converted:
                self.post(_POST_OF_FIELD[definition.name], converted)
            return
        self.store(definition, converted)

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

    def post(self, kind: str, text: str) -> None:
        """Add a comment or work note by whom the actions run for, and announce it."""
        self.record(kind, text, self.acting_as)
        self.announce(kind, {"text": text}, self.acting_as)

    def record(
        self, kind: str, text: str, author: Actor, data: dict[str, Any] | None = None
    ) -> None:
        """Add an entry to the case's journal."""
        roles = tuple(sorted(self.held_roles())) if author is self.actor else ()
        self.entries.append(Entry(kind, text, author.id, roles, self.now, data or {}))
        name = POST_EVENTS.get(kind)
        if name is not None:
            before = self.journals.get(name)
            count = 1 if before is None else before.count + 1
            self.journals = {
                **self.journals,
                name: Journal(count, text, author.id, roles, self.now),
            }
            self.mark(self.ct.journal_bits[name])

    # --- events -----------------------------------------------------------------------------

    def cause(self) -> Cause:
        """Return the root of what happens in this step."""
        root = self.root
        return root.caused_by or Cause(root.id, root.type, root.actor.id)

    def enqueue(
        self, event_type: str, data: dict[str, Any], actor: Actor, *, is_announced: bool = False
    ) -> None:
        """Queue an internal event."""
        self.raised += 1
        if self.raised > self.ct.limits.raised_events:
            chain = " -> ".join(self.handled[-8:])
            raise Failed(
                "raise_limit",
                f"more than {self.ct.limits.raised_events} events were raised in one step: "
                f"... {chain} -> {event_type}",
            )
        root = self.root
        event = Event(
            event_type,
            root.id,
            self.id,
            time=root.time,
            actor=actor,
            data=data,
            occurred=root.occurred,
            hops=root.hops,
            caused_by=self.cause(),
            origin=root.origin,
        )
        self.pending.append((event, is_announced))

    def raise_event(self, event_type: str, data: dict[str, Any]) -> None:
        """Queue an event on this case, as ``system``."""
        self.enqueue(event_type, data, SYSTEM)

    def announce(self, event_type: str, data: dict[str, Any], actor: Actor = SYSTEM) -> None:
        """Queue an event that tells what has happened, where some spec listens."""
        if event_type in self.ct.listened:
            self.enqueue(event_type, data, actor, is_announced=True)

    # --- effects ----------------------------------------------------------------------------

    def effect_id(self) -> str:
        """Return the id of the next effect."""
        return f"{self.id}/{self.revision + 1}/{len(self.effects)}"

    def effect(
        self, kind: Any, name: str, to: tuple[str, ...], data: dict[str, Any], **more: Any
    ) -> str:
        """Add an effect and return its id."""
        if len(self.effects) >= self.ct.limits.effects:
            raise Failed(
                "effect_limit", f"a step may have at most {self.ct.limits.effects} effects"
            )
        effect_id = self.effect_id()
        self.effects.append(
            Effect(effect_id, kind, name, to, data, hops=self.root.hops + 1, **more)
        )
        return effect_id

    def send(self, action: Send, receivers: tuple[str, ...], data: dict[str, Any]) -> None:
        """Send an event to other cases."""
        self.effect(
            "send",
            action.event,
            receivers,
            data,
            to_list=action.to_list,
            if_refused=action.if_refused,
        )

    def create(self, action: Create, data: dict[str, Any], once: tuple[Any, ...] | None) -> str:
        """Ask for a case, count it where it is a child, and return its id."""
        once_key: str | None = None
        if once is not None:
            once_key = _KEY.encode([action.case_type, list(once)]).decode()
            if once_key in self.once:
                return self.once[once_key]
        key = self.effect_id() if once_key is None else once_key
        made = child_id(f"{self.ct.domain}/{self.id}", action.case_type, key)
        if once_key is not None:
            self.once = {**self.once, once_key: made}
        counted_in: list[str] = []
        if once is None:
            counted_in = self._count_child(action.case_type, made, data)
        self.effect(
            "create",
            action.case_type,
            (made,),
            {"with": data, "service": action.service, "counted_in": counted_in},
        )
        return made

    def _count_child(self, case_type: str, made: str, data: dict[str, Any]) -> list[str]:
        counted_in: list[str] = []
        for name, of in self.ct.related.items():
            child = of.types.get(case_type)
            if child is None or data.get(of.by) != self.id:
                continue
            item = entered_item(made, case_type, child, data)
            self.put_related(name, counted(self.related_list(name), None, item))
            counted_in.append(name)
        return counted_in

    def notify(self, name: str) -> None:
        """Send a notification by name."""
        notice = self.ct.notifications.named(name, self, self.notified)
        if notice is not None:
            send_notice(self, notice)

    def call(self, action: Call, data: dict[str, Any]) -> None:
        """Call a plugin's action and keep the call open for its answer."""
        call_id = self.effect("call", action.action, (), data)
        deadline = self.now_us + self.ct.limits.call_us
        if action.timeout is not None:
            delay = action.timeout.get(self, self.budget)
            deadline = due_after(delay, self.now_us, self.ct.calendar, action.place) or deadline
        self.calls = (
            *self.calls,
            OpenCall(call_id, action.action, deadline, action.result, action.error),
        )

    def go_to(self, target: str) -> None:
        """Move the playbook."""
        self.move(Move("go_to", target))

    def move(self, move: Move) -> None:
        """Move the playbook, or touch it."""
        self.moves.append(move)
        self.stir_playbook()

    def stir_playbook(self) -> None:
        """Have the playbook, and what reads it, worked out again."""
        bit = self.ct.playbook_bit
        stale = bit | self.ct.dependents.get(bit, 0)
        self.stale |= stale
        self.moved |= stale

    # --- the token of the flow --------------------------------------------------------------

    def admits(self, row: Transition) -> bool:
        """Return True if roles and ``when`` of a row hold, and what it requires is there.

        What is missing is kept in ``refused``, and no row after this one is admitted: an exception
        in the machine would leave a circle of it, its frames and the step.
        """
        if self.refused or not self._is_selected(row):
            return False
        if row.require:
            self.refused = [
                Problem(
                    "requirement",
                    f"{need.text} is required for {row.title or row.name}",
                    need.field or need.text,
                )
                for need in row.require
                if not self.meets(need.field, need.condition)
            ]
        return not self.refused

    def _is_selected(self, row: Transition) -> bool:
        wanted = row.roles
        if (
            wanted
            and self.actor is not SYSTEM
            and ANYBODY not in wanted
            and wanted.isdisjoint(self.held_roles())
        ):
            self.note("roles", row.name, wanted=sorted(wanted))
            return False
        if row.when is None:
            return True
        return self.holds(row.when, "when", f"transition/{row.name}")

    def take(self, row: Transition) -> None:
        """Note the row that is taken."""
        self.row = row
        self.causes.append(f"transition/{row.name}")

    def meets(self, field: str | None, condition: Any) -> bool:
        """Return True if an element of ``require`` is met."""
        if field is not None:
            value = self.journals.get(field) or self.fresh(field)
            return value is not None and value not in ("", [])
        return bool(condition.true(self, self.budget))

    def run_actions(self, actions: ActionList) -> None:
        """Run actions of a transition or activity, for whoever asked."""
        actions.run(self)

    def run_as_system(self, actions: ActionList) -> None:
        """Run actions of a rule, timer or stage."""
        asker, self.acting_as = self.acting_as, SYSTEM
        actions.run(self)
        self.acting_as = asker

    def entered(self, state: str) -> None:
        """Note that a state was entered."""
        self.state_entry += 1
        self.state_since_us = self.now_us
        self.touched = True
        self.mark(STATE_BIT)
        self.announce("state_changed", {"name": state})

    # --- settling ----------------------------------------------------------------------------

    def settle_clock(self, definition: ClockDefinition) -> None:
        """Work out a clock from its record at the start of this internal event."""
        name = definition.name
        settled = settle_clock(
            definition,
            self.base_clocks.get(name),
            self.begin_clocks.get(name),
            self,
            is_final=self.ct.flow.states[self.state].final,
        )
        self.put_clock(name, definition.bit, settled)

    def settle_calm_clock(self, definition: ClockDefinition) -> None:
        """Settle a clock whose conditions read nothing outside the case but in moments."""
        if self.moved & definition.bit or not rests(
            definition, self.base_clocks.get(definition.name), self
        ):
            self.settle_clock(definition)

    def refresh_all(self) -> None:
        """Work out everything that is stale, in the order of dependency."""
        stale = self.stale
        if not stale:
            return
        for bit, work in self.ct.order_of(stale):
            if self.stale & bit:
                self.stale &= ~bit
                work(self)

    def settle_playbook(self) -> None:
        """Work out the playbook from its record at the start of this internal event."""
        definition = self.ct.playbook_of(self.base_playbook, self.root_event.service)
        if definition is None:
            return
        settled = settle_playbook(definition, self.base_playbook, self.moves, self)
        self.settled_playbook = settled
        self.put_playbook(settled.record)

    def next_round(self, settled: Settled) -> None:
        """Go on from an activity that did its ``do`` by itself."""
        self.playbook_round += 1
        if self.playbook_round > self.ct.limits.raised_events:
            raise Failed(
                "raise_limit", f'the playbook does not come to rest at "{settled.automatic}"'
            )
        self._note_completed(settled)
        self.base_playbook = settled.record
        self.moves = []
        self.stir_playbook()

    def _note_completed(self, settled: Settled) -> None:
        self.playbook_done.extend(("activity_completed", name) for name in settled.activities)
        self.playbook_done.extend(("stage_completed", name) for name in settled.stages)

    def commit(self) -> None:
        """Commit the records of clocks and playbook and announce what they reached."""
        if self.owns_clocks:
            for name in self.ct.clocks:
                clocks = self.clocks.get(name)
                base = self.base_clocks.get(name)
                if clocks is None or clocks is base:
                    continue
                if self.trace is not None:
                    self._explain_clock(self.ct.clocks[name], base, clocks)
                for event_type in announcements(base, clocks):
                    self.causes.append(f"{event_type}/{name}")
                    self.announce(event_type, {"name": name})
        if self.settled_playbook is not None:
            if self.trace is not None:
                self._explain_playbook(self.settled_playbook.record)
            self._note_completed(self.settled_playbook)
            for event_type, name in self.playbook_done:
                self.causes.append(f"{event_type}/{name}")
                self.announce(event_type, {"name": name})
            self.playbook_done = []
        self.step_bits |= self.changed_bits

    def _explain_playbook(self, record: Playbook) -> None:
        """Note where the playbook stands and why activities are passed over."""
        definition = self.ct.playbook_of(record)
        if definition is None:
            return
        for stage in overview(definition, record, self):
            for one in stage.activities:
                if one.why:
                    place = f"activity/{one.name}"
                    self.note("playbook", place, status=one.status, why=one.why)
        self.note("playbook", definition.name, stage=record.stage, activity=record.activity)

    def _explain_clock(
        self, definition: ClockDefinition, base: Clocks | None, clocks: Clocks
    ) -> None:
        """Note what a clock became and the conditions that this came from."""
        for role, condition in reasons(definition, base, clocks):
            place = f"sla/{definition.name}/{role}"
            self.explain(condition, "clock", place)
        if clocks is not base:
            self.note("clock", f"sla/{definition.name}", status=clocks.current.status)

    def put_base_clock(self, name: str, clocks: Clocks) -> None:
        """Replace the record that a clock is settled from in this internal event."""
        self.base_clocks = {**self.base_clocks, name: clocks}
        self.clocks = dict(self.base_clocks)
        self.owns_clocks = True
        bit = self.ct.clock_bits[name]
        self.mark(bit)
        self.moved |= bit

    def end_everything(self) -> None:
        """End timers and calls of a case in a final state; its clocks have ended by themselves."""
        self.timers = ()
        self.calls = ()

    def look_back(self) -> None:
        """Make ``previous`` the case before the whole step."""
        self.event = self.root_event
        self.actor = self.root_event.actor
        self._held = None
        self._previous = self.at_begin()
        self.previous_parts = None

    def at_begin(self) -> View | None:
        """Return the case before this step, None at ``create``."""
        if self.before is not None and self._at_begin is None:
            self._at_begin = View(self.ct, self.before, self.related, self.now_us, self.budget)
        return self._at_begin

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
        self.note(position, place, condition=condition.text, held=held, because=because)

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


_POST_OF_FIELD = {name: kind for kind, name in POST_EVENTS.items()}


def _moment(step: Step, parts: tuple[Any, ...]) -> View:
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
    ) = parts
    view.stale = 0
    view.forget_previous()
    return view
