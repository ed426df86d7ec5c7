"""What a step asks for: events on this case, and effects outside."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from casewright.actions.timers import due_after
from casewright.case import POST_TO, SYSTEM, Cause, Effect, Event, OpenCall
from casewright.playbook import Move
from casewright.program.chain import because
from casewright.program.faults import Failed
from casewright.program.related import counted, entered_item
from casewright.program.tell import send_notice
from casewright.program.work import Work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.actions import Call, Create, Send
    from casewright.bind.fields import FieldDefinition
    from casewright.case import Actor

_KEY = msgspec.json.Encoder(order="deterministic", decimal_format="number")


def child_id(creator: str, case_type: str, key: object) -> str:
    """Return the id of a case that a case creates: the same for the same key, for ever."""
    text = _KEY.encode([creator, case_type, key])
    return hashlib.sha256(text).hexdigest()[:24]


def made_case(
    creator: str,
    case_type: str,
    once: tuple[Any, ...] | None,
    effect: str,
    known: Mapping[str, str],
) -> tuple[str, str | None]:
    """Return the id of a case that is to be created, and its key of ``once_per`` or None.

    Args:
        creator: domain and id of who creates it; of a window also its episode.
        case_type: qualified name.
        once: values of ``once_per``, or None.
        effect: id of the effect that asks for it.
        known: ids that were made before, by key of ``once_per``.
    """
    if once is None:
        return child_id(creator, case_type, effect), None
    key = _KEY.encode([case_type, list(once)]).decode()
    return known.get(key) or child_id(creator, case_type, key), key


class Asking(Work):
    """A work record through which actions act."""

    __slots__ = ()

    def put(self, definition: FieldDefinition, value: object) -> None:
        """Set a field; a journal field posts instead."""
        converted = definition.convert(value)
        if definition.kind == "journal":
            if converted:
                self.post(POST_TO[definition.name], converted)
            return
        self.store(definition, converted)

    def post(self, kind: str, text: str) -> None:
        """Add a comment or work note by whom the actions run for, and announce it."""
        self.record(kind, text, self.acting_as)
        self.announce(kind, {"text": text}, self.acting_as)

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
        self.raisers.append((len(self.handled) - 1, len(self.causes), event_type))
        if self.raised > self.ct.limits.raised_events:
            limit = self.ct.limits.raised_events
            message = f"more than {limit} events were raised in one step"
            raise Failed("raise_limit", because(self, message, f"event {event_type}"))
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
            limit = self.ct.limits.effects
            raise Failed("effect_limit", because(self, f"a step may have at most {limit} effects"))
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
        creator = f"{self.ct.domain}/{self.id}"
        made, once_key = made_case(creator, action.case_type, once, self.effect_id(), self.once)
        if once_key is not None:
            if once_key in self.once:
                return made
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
