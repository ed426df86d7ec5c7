"""One line of ``run``: JSON to event, outcome to plain data (design, section 5)."""

from __future__ import annotations

import hashlib
from datetime import datetime  # noqa: TC003  read by msgspec
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from casewright.case import Actor, Event, Outcome
from casewright.errors import EventError
from casewright.runtime.admission import Repeat
from casewright.temporal import from_us

if TYPE_CHECKING:
    from casewright.runtime.stepper import Stepper

MOST_BYTES = 1 << 20


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    type: str
    id: str = ""
    case: str = ""
    case_type: str = ""
    service: str | None = None
    record_producer: str | None = None
    time: datetime | None = None
    actor: dict[str, Any] | None = None
    data: dict[str, Any] = {}
    expected: int | None = None
    occurred: datetime | None = None


_decode = msgspec.json.Decoder(_Line, float_hook=Decimal).decode


def event_of_line(line: bytes) -> Event:
    """Return the event of one line; an id that is left out is made of its content.

    Raises:
        EventError: the line is not JSON, or no event.
    """
    if len(line) > MOST_BYTES:
        raise EventError(f"a line has at most {MOST_BYTES} bytes")
    try:
        read = _decode(line)
    except msgspec.DecodeError as err:
        message, _, path = str(err).partition(" - at `$")
        raise EventError(message, path.strip("`.").lstrip(".")) from err
    except RecursionError as err:
        raise EventError("the line is nested too deeply") from err
    for name, instant in (("time", read.time), ("occurred", read.occurred)):
        if instant is not None and instant.tzinfo is None:
            raise EventError(f"{instant.isoformat()} has no time zone", name)
    return Event(
        read.type,
        read.id or hashlib.sha256(line.strip()).hexdigest()[:24],
        read.case,
        read.case_type,
        read.time,
        _actor(read.actor),
        read.data,
        read.expected,
        read.occurred,
        read.service,
        read.record_producer,
    )


def _actor(given: dict[str, Any] | None) -> Actor:
    if given is None:
        return Actor("anonymous")
    more = {k: v for k, v in given.items() if k not in ("id", "roles")}
    try:
        known = {"id": given["id"], "roles": given.get("roles", [])}
        actor = msgspec.convert(known, Actor)
    except (KeyError, msgspec.ValidationError) as err:
        raise EventError("an actor has an `id` and a list of `roles`", "actor") from err
    return msgspec.structs.replace(actor, attributes=more)


def malformed(line: bytes, error: EventError) -> dict[str, Any]:
    """Return the output for a line that is no event, or one that fits no case."""
    try:
        given: Any = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        given = None
    known: dict[str, Any] = given if isinstance(given, dict) else {}  # pyright: ignore[reportUnknownVariableType]  a dict of anything
    return {
        "event": _text(known.get("id")),
        "type": _text(known.get("type")),
        "case": _text(known.get("case")),
        "status": "malformed",
        "errors": [{"code": "malformed", "message": error.message, "path": error.path}],
    }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def line_of(outcome: Outcome, program: Stepper) -> dict[str, Any]:
    """Return the output for an outcome, plain JSON data."""
    if isinstance(outcome, Repeat):
        return _line_of_repeat(outcome)
    return program.dump_outcome(outcome)


def _line_of_repeat(outcome: Repeat) -> dict[str, Any]:
    entity, first = outcome.entity, outcome.first
    due_us = outcome.next_due_us
    return {
        "event": outcome.event.id,
        "type": outcome.event.type,
        "case": outcome.event.case,
        "status": outcome.status,
        "revision": first.revision,
        "state": None if entity is None else entity.state,
        "changes": {},
        "effects": [{"id": effect} for effect in first.effects],
        "sla": {},
        "errors": [{"code": p.code, "message": p.message, "path": p.path} for p in outcome.errors],
        "next_due": None if due_us is None else from_us(due_us).isoformat(),
    }
