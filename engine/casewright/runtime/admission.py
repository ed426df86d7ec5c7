"""The door for events: envelopes, ids, digests of content, answers to repeats."""

from __future__ import annotations

import hashlib
from secrets import token_hex
from typing import TYPE_CHECKING

import msgspec

from casewright.case import WINDOW_PREFIX, Event, Outcome, Problem
from casewright.errors import EventError
from casewright.store import Receipt  # noqa: TC001  read by msgspec
from casewright.temporal import to_us

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from casewright.case import Entity

SENT = "sent"
"""Where the observation that comes of a signal keeps the digest of what was sent, as hex."""

_encode = msgspec.json.Encoder(order="deterministic", enc_hook=repr).encode


class Repeat(Outcome, frozen=True, kw_only=True):
    """The answer to an event id that was used: ``duplicate`` or ``id_reused``.

    Attributes:
        first: what the id gave when it was first handled.
    """

    first: Receipt


def content_of(event: Event) -> bytes:
    """Return a digest of what the asker sent; the time of admission is no part of it.

    Of an observation that is what the asker of the signal sent.
    """
    digest = event.data.get(SENT) if event.type == "observe" else None
    if digest is not None:
        return bytes.fromhex(digest)
    sent = (
        event.type,
        event.case_type,
        event.actor,
        event.data,
        event.expected,
        event.occurred,
        event.service,
        event.record_producer,
    )
    return hashlib.blake2b(_encode(sent), digest_size=16).digest()


def fresh_id() -> str:
    """Return an id for an event whose sender gave none."""
    return token_hex(16)


def case_id_of(domain: str, event: Event) -> str:
    """Return the id of the case that a create event without one makes: the same for a repeat."""
    text = _encode((domain, event.case_type, event.id))
    return hashlib.sha256(text).hexdigest()[:24]


def admitted(
    event: Event,
    domain: str,
    now: datetime,
    ahead_s: float | None,
    is_signal: Callable[[str], bool] = lambda _: False,
) -> Event:
    """Return the event with id, case and time, fit to be judged by a step.

    A signal names no case and gets none.

    Args:
        event: as the host gave it.
        domain: the tenant.
        now: of the clock; the event's time where it has none.
        ahead_s: how far its own time may lie ahead of ``now``; None where events own the clock.
        is_signal: tells signals by their name.

    Raises:
        EventError: no type, a naive time or one ahead of the clock, no case; an event that claims
            to come from another case or from a timer, or that names a window.
    """
    if not event.type:
        raise EventError("an event needs a type", "type")
    if event.origin is not None or event.delivered_us is not None:
        raise EventError("messages and timers are the engine's own; nobody sends them", "origin")
    time = event.time or now
    if time.tzinfo is None:
        raise EventError(f"{time.isoformat()} has no time zone", "time")
    if ahead_s is not None and (time - now).total_seconds() > ahead_s:
        raise EventError(
            f"{time.isoformat()} lies ahead of the clock; give what happened outside as `occurred`",
            "time",
        )
    event = msgspec.structs.replace(event, time=time, id=event.id or fresh_id())
    if event.case.startswith(WINDOW_PREFIX):
        raise EventError(
            f'"{event.case}" is the id of a window; windows hear signals, and what cases report',
            "case",
        )
    if event.case or is_signal(event.type):
        return event
    if event.type != "create":
        raise EventError(f"{event.type} needs the id of a case, and is no signal", "case")
    if not event.case_type:
        raise EventError("create needs a case type", "case_type")
    return msgspec.structs.replace(event, case=case_id_of(domain, event))


def repeated(event: Event, content: bytes, first: Receipt, entity: Entity | None) -> Repeat:
    """Return the answer to an event whose id was used: same content or other."""
    same = first.content == content
    reused = Problem("id_reused", f'the id "{event.id}" was used for another event', "id")
    return Repeat(
        "duplicate" if same else "id_reused",
        entity,
        event,
        0 if event.time is None else to_us(event.time),
        errors=first.errors if same else (reused,),
        first=first,
    )
