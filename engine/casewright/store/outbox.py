"""What both stores know of messages on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, json, structs

from casewright.case import Effect  # noqa: TC001  read by msgspec
from casewright.store.values import plain, typed

if TYPE_CHECKING:
    from casewright.case import Outcome
    from casewright.store.port import Message, MessageState

CASE = "case"
"""The destination of messages between cases; every other one leaves the engine."""

CLAIM_LIMIT = 100
"""Rows that one claim leases at most."""


class Payload(Struct, frozen=True, omit_defaults=True):
    """What the row of a message holds as JSON."""

    effect: Effect
    number: str | None
    at_us: int
    cause: tuple[str, str, str]
    program: str


_read_payload = json.Decoder(Payload).decode
_write_payload = json.Encoder().encode


def line_of(message: Message) -> tuple[str, str, str]:
    """Return what messages go out in order of: domain, sender, destination."""
    return (message.domain, message.case, message.destination)


def settled_state(outcome: Outcome) -> tuple[MessageState, str]:
    """Return state and error of a message between cases, from what its receiver made of it."""
    if outcome.status in ("applied", "duplicate"):
        return "done", ""
    reasons = "; ".join(f"{p.code}: {p.message}" for p in outcome.errors)
    return "refused", reasons or outcome.status


def encode_payload(message: Message) -> bytes:
    """Return the JSON of what columns do not hold."""
    effect = message.effect
    return _write_payload(
        {
            "effect": {
                "id": effect.id,
                "kind": effect.kind,
                "name": effect.name,
                "to": effect.to,
                "data": plain(effect.data),
                "hops": effect.hops,
                "to_list": effect.to_list,
                "if_refused": effect.if_refused,
            },
            "number": message.number,
            "at_us": message.at_us,
            "cause": message.cause,
            "program": message.program,
        }
    )


def decode_payload(data: bytes) -> Payload:
    """Return what ``encode_payload`` wrote."""
    payload = _read_payload(data)
    effect = structs.replace(payload.effect, data=typed(payload.effect.data))
    return structs.replace(payload, effect=effect)
