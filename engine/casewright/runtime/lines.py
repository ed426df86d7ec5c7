"""One line of ``run``: JSON to event, outcome to plain data (design, section 5)."""

from __future__ import annotations

import hashlib
from datetime import datetime  # noqa: TC003  read by msgspec
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from casewright.case import Actor, Case, Event, Outcome
from casewright.errors import EventError
from casewright.runtime.admission import Repeat
from casewright.temporal import from_us

if TYPE_CHECKING:
    from casewright.case import Effect
    from casewright.runtime.stepper import Stepper
    from casewright.temporal import Duration

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
        if message.startswith("Invalid RFC3339"):
            message = "no instant; write for example 2026-03-02T09:00:00Z"
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
    """Return the output for an outcome, plain JSON data; instants are in UTC."""
    entity, event = outcome.entity, outcome.event
    first = outcome.first if isinstance(outcome, Repeat) else None
    effects = outcome.effects if first is None else ()
    revision = None if entity is None else entity.revision
    return {
        "event": event.id,
        "type": event.type,
        "case": event.case or None,
        "status": outcome.status,
        "revision": revision if first is None else first.revision,
        "state": None if entity is None else entity.state,
        "changes": {
            name: [plain_value(old), plain_value(new)]
            for name, (old, new) in outcome.changes.items()
        },
        "effects": [_effect_line(effect) for effect in effects]
        if first is None
        else [{"id": effect} for effect in first.effects],
        "sla": _clock_lines(entity, outcome.now_us, program) if isinstance(entity, Case) else {},
        "errors": [{"code": p.code, "message": p.message, "path": p.path} for p in outcome.errors],
        "next_due": instant(outcome.next_due_us),
    }


def _effect_line(effect: Effect) -> dict[str, Any]:
    line: dict[str, Any] = {"id": effect.id, "kind": effect.kind, "name": effect.name}
    if effect.to:
        line["to"] = list(effect.to)
    if effect.to_list is not None:
        line["to_list"] = effect.to_list
    if effect.data:
        line["data"] = plain_value(effect.data)
    return line


def _clock_lines(case: Case, now_us: int, program: Stepper) -> dict[str, Any]:
    if not case.clocks:
        return {}
    ct = program.case_type(case.case_type)
    lines: dict[str, Any] = {}
    for name in ct.clocks:
        clocks = case.clocks.get(name)
        if clocks is None:
            continue
        clock = clocks.current
        elapsed: Duration = ct.clock_view(name, clocks, now_us).elapsed
        lines[name] = {
            "status": clock.status,
            "breached": clock.breached,
            "due": instant(clock.due_us),
            "elapsed_s": elapsed.amount,
        }
    return lines


def instant(us: int | None) -> str | None:
    """Return an instant as ISO 8601 in UTC."""
    return None if us is None else from_us(us).isoformat().removesuffix("+00:00") + "Z"


def plain_value(value: object) -> Any:
    """Return a FEEL value as plain JSON data, as a dumped case has it."""
    if value is None or isinstance(value, _PLAIN):
        return value
    from casewright.program.codec import plain

    return plain(value)


_PLAIN = (str, int, Decimal)
