"""Effects as messages, and messages between entities as events (rules 36 to 39, 41)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.case import SYSTEM, Cause, Event, Origin, Outcome
from casewright.runtime.admission import SENT
from casewright.store import Message
from casewright.store.outbox import CASE
from casewright.temporal import from_us

if TYPE_CHECKING:
    from casewright.case import Effect

OBSERVE = "observe"
"""The kind of message, and the type of event, that brings an observation to a window."""

REFUSED = ("rejected", "failed")


def destinations_of(effect: Effect) -> tuple[str, ...]:
    """Return where an effect goes: ``case``, ``action/<name>``, or a row for each channel.

    A message of a topic map goes to ``topics/<map>``, whose plugin knows topics and sinks.
    """
    if effect.kind in ("send", "create", "summary", "observe"):
        return (CASE,)
    if effect.kind == "call":
        return (f"action/{effect.name}",)
    if effect.kind == "publish":
        return (f"topics/{effect.data.get('map', 'default')}",)
    return tuple([f"channel/{name}" for name in effect.data.get("channels") or ("default",)])


def messages_of(domain: str, outcome: Outcome, program: str) -> tuple[Message, ...]:
    """Return the outbox rows of an outcome's effects."""
    sender, event = outcome.entity, outcome.event
    if not outcome.effects or sender is None:
        return ()
    root = event.caused_by or Cause(event.id, event.type, event.actor.id)
    cause = (root.event, root.type, root.actor)
    return tuple(
        [
            Message(
                domain,
                sender.id,
                sender.case_type,
                sender.number,
                destination,
                effect,
                outcome.now_us,
                cause,
                program,
            )
            for effect in outcome.effects
            for destination in destinations_of(effect)
        ]
    )


def event_of(message: Message, receiver: str, event_id: str) -> Event:
    """Return the event that a message is at its receiver."""
    effect = message.effect
    origin = Origin(message.case, message.case_type, message.number)
    time, cause = from_us(message.at_us), Cause(*message.cause)
    if effect.kind == "create":
        data: dict[str, Any] = effect.data.get("with") or {}
        return Event(
            "create",
            event_id,
            receiver,
            effect.name,
            time,
            SYSTEM,
            data,
            service=effect.data.get("service"),
            hops=effect.hops,
            caused_by=cause,
            origin=origin,
            counted_in=tuple(effect.data.get("counted_in") or ()),
        )
    return Event(
        OBSERVE if effect.kind == OBSERVE else effect.name,
        event_id,
        receiver,
        time=time,
        data=effect.data,
        hops=effect.hops,
        caused_by=cause,
        origin=origin,
    )


def observations_of(signal: Outcome, sent: bytes) -> list[Event]:
    """Return the events that a signal is at the windows that listen.

    Args:
        signal: whose effects they are.
        sent: digest of what was sent.
    """
    event = signal.event
    cause = event.caused_by or Cause(event.id, event.type, event.actor.id)
    return [
        Event(
            OBSERVE,
            effect.id,
            window,
            time=event.time,
            data={**effect.data, SENT: sent.hex()},
            hops=effect.hops,
            caused_by=cause,
        )
        for effect in signal.effects
        for window in effect.to
    ]


def refusal_of(message: Message, event_type: str, receiver: str, outcome: Outcome) -> Event:
    """Return the event that tells a sender that a receiver refused."""
    entity = outcome.entity
    origin = (
        Origin(receiver, "")
        if entity is None
        else Origin(entity.id, entity.case_type, entity.number)
    )
    return Event(
        event_type,
        f"{message.effect.id}/{receiver}/refused",
        message.case,
        time=from_us(outcome.now_us),
        hops=message.effect.hops + 1,
        caused_by=Cause(*message.cause),
        origin=origin,
    )
