"""The journal of the memory store: what changed, as objects, encoded only when asked for.

A row keeps the values that a step replaced in its entity and shares the rest, so that keeping a
history costs little and a step in memory encodes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, structs

from casewright.case import Event, EventStatus, Outcome, Related  # noqa: TC001  a record's
from casewright.store import journal
from casewright.store.delta import Delta, delta_of, encode_delta
from casewright.store.port import Detail, JournalEntry, Receipt
from casewright.store.values import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

from casewright.store.port import Codec, Step


class Row(Struct, frozen=True, gc=False):
    """One handled event; ``delta`` is None where it stands beside the chain."""

    seq: int
    status: EventStatus
    revision: int | None
    event: Event
    event_id: str
    at_us: int
    program: str
    content: bytes
    detail: Detail
    read: Related | None
    delta: Delta | None


def row_of(seq: int, step: Step) -> Row:
    """Return the row of a step that was applied, rejected, or parked a timer."""
    outcome, after = step.outcome, step.outcome.entity
    return Row(
        seq,
        outcome.status,
        None if after is None else after.revision,
        outcome.event,
        outcome.event.id,
        outcome.now_us,
        step.program,
        step.content,
        detail_of(outcome),
        outcome.read,
        None if after is None or after is step.before else delta_of(step.before, after),
    )


def detail_of(outcome: Outcome) -> Detail:
    """Return the small parts of an outcome."""
    return Detail(
        tuple([e.id for e in outcome.effects]),
        outcome.causes,
        outcome.errors,
        outcome.ignored,
        outcome.entries,
    )


def receipt_of(row: Row) -> Receipt:
    """Return what a repeat of the row's event is answered with."""
    return Receipt(row.status, row.revision, row.detail.errors, row.detail.effects, row.content)


def entries(
    frozen: Sequence[JournalEntry], rows: list[Row], codec: Codec, versions: tuple[str, str]
) -> Iterator[JournalEntry]:
    """Yield the journal as every store gives it.

    Args:
        frozen: the start that was erased and so is encoded already.
        rows: what follows it.
        codec: dumps events.
        versions: of the engine and the time zone data.
    """
    yield from frozen
    chain = next((e.digest for e in reversed(frozen) if e.digest), b"")
    for row in rows:
        entry = _entry(row, codec, versions)
        if row.delta is not None:
            chain = journal.link(chain, journal.header(entry), journal.pieces_of(entry))
            entry = structs.replace(entry, digest=chain)
        yield entry


def _entry(row: Row, codec: Codec, versions: tuple[str, str]) -> JournalEntry:
    return JournalEntry(
        row.seq,
        row.status,
        row.revision,
        row.event_id,
        row.event.type,
        row.at_us,
        row.program,
        versions[0],
        versions[1],
        codec.dump_event(row.event),
        b"{}" if row.delta is None else encode_delta(row.delta),
        journal.encode(plain_detail(row.detail)),
        encode_read(row.read),
        b"",
    )


def plain_detail(detail: Detail) -> Detail:
    """Return the detail with plain JSON in the data of its entries."""
    if not detail.entries or not any(e.data for e in detail.entries):
        return detail
    entries = tuple([structs.replace(e, data=plain(e.data)) for e in detail.entries])
    return structs.replace(detail, entries=entries)


def encode_read(read: Related | None) -> bytes:
    """Return the JSON of the related values that a step read; empty if it read none."""
    if read is None or not (read.records or read.answers):
        return b""
    return journal.encode({"records": read.records, "answers": read.answers})
