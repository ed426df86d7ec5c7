"""Journal entries: the fold that rebuilds records, the hash chain, erasure.

Works on canonical JSON only, so an entity can be rebuilt and checked without its program. A record
is split into its top-level values, kept as raw bytes; changes name what was set and unset. The
chain covers digests of the pieces of an entry, so a piece can be masked and the chain still holds
(design, 6.5).
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw

from casewright.case import POST_TO
from casewright.feel import Budget, Time, YearsMonths
from casewright.feel.render import text_of
from casewright.store.port import Detail
from casewright.temporal import Duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.store.port import JournalEntry, Step

Parts = dict[str, Raw]

PIECES = ("event", "changes", "detail", "read")

exact = msgspec.json.Decoder(float_hook=Decimal).decode
_split = msgspec.json.Decoder(Parts).decode


def _plain(value: object) -> Any:
    if isinstance(value, Duration):
        return str(value)
    if isinstance(value, YearsMonths | Time):
        return text_of(Budget(), value)
    if isinstance(value, frozenset | set):
        return sorted(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise NotImplementedError(f"a {type(value).__name__} is no FEEL value")


encode = msgspec.json.Encoder(
    order="deterministic", decimal_format="number", enc_hook=_plain
).encode
decode = msgspec.json.decode


def split(body: bytes) -> Parts:
    """Return the values of a JSON object by key, as raw bytes."""
    return _split(body)


def join(parts: Parts) -> bytes:
    """Return the JSON object of ``parts``, keys sorted."""
    return encode(parts)


class _Change(msgspec.Struct):
    set: Parts = {}
    unset: tuple[str, ...] = ()
    inner: dict[str, _Change] = msgspec.field(name="in", default_factory=dict)


_read_change = msgspec.json.Decoder(_Change).decode


def fold(parts: Parts, changes: bytes) -> Parts:
    """Return the record after ``changes``; ``parts`` stays as it was."""
    return _fold(parts, _read_change(changes))


def _fold(parts: Parts, change: _Change) -> Parts:
    after = {**parts, **change.set}
    for key in change.unset:
        after.pop(key, None)
    for key, inner in change.inner.items():
        after[key] = Raw(join(_fold(_split(parts[key]), inner)))
    return after


def is_same(one: bytes, other: bytes) -> bool:
    """Return whether two JSON texts say the same, whatever the order of their keys.

    What was erased in ``one`` is the same as anything.
    """
    return _agrees(exact(one), exact(other))


def _agrees(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        if one == _ERASED:
            return True
        theirs: dict[str, Any] = other if isinstance(other, dict) else {}  # pyright: ignore[reportUnknownVariableType]  JSON
        ours: dict[str, Any] = one  # pyright: ignore[reportUnknownVariableType]  JSON
        known = {k for k, v in ours.items() if v != _ERASED or k in theirs}
        return known == set(theirs) and all(_agrees(ours[k], theirs[k]) for k in known)
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)  # pyright: ignore[reportUnknownArgumentType]  JSON
            and all(map(_agrees, one, other))  # pyright: ignore[reportUnknownArgumentType]  JSON
        )
    return bool(one == other)


def value_of(part: Raw | None) -> Any:
    """Return a part as JSON data with exact numbers; None where there is none."""
    return None if part is None else exact(part)


def rebuild(entries: Sequence[JournalEntry], upto: int | None = None) -> bytes | None:
    """Return the canonical JSON of an entity after revision ``upto``, folded from its journal.

    Args:
        entries: its whole journal, oldest first.
        upto: a revision; the last where left out.

    Returns:
        None if the journal has no such revision.
    """
    parts: Parts = {}
    for entry in entries:
        if not entry.digest:
            continue
        parts = fold(parts, entry.changes)
        if upto is not None and entry.revision == upto:
            return join(parts)
    return join(parts) if parts and upto is None else None


read_detail = msgspec.json.Decoder(Detail).decode


def header(entry: JournalEntry) -> str:
    """Return the parts of an entry that the chain covers as they are."""
    return _header(
        entry.revision, entry.event_id, entry.type, entry.at_us, entry.status, entry.program
    )


def _header(
    revision: int | None, event_id: str, type_: str, at_us: int, status: str, program: str
) -> str:
    return f"{revision}|{event_id}|{type_}|{at_us}|{status}|{program}"


def link(before: bytes, head: str, pieces: Sequence[bytes]) -> bytes:
    """Return the link of the chain after ``before``.

    Args:
        before: the link before, empty for the first.
        head: of ``header``.
        pieces: digests of event, changes, detail and read, in this order.
    """
    return hashlib.sha256(b"".join((before, head.encode(), *pieces))).digest()


def next_link(
    before: bytes, step: Step, changes: bytes, pieces: tuple[bytes, bytes, bytes]
) -> bytes:
    """Return the link of a step that is about to be written.

    Args:
        before: the link before, empty for the first.
        step: what is written.
        changes: JSON of what became different.
        pieces: JSON of event, detail and read.
    """
    outcome = step.outcome
    revision = None if outcome.entity is None else outcome.entity.revision
    head = _header(
        revision,
        outcome.event.id,
        outcome.event.type,
        outcome.now_us,
        outcome.status,
        step.program,
    )
    event, detail, read = pieces
    return link(before, head, [digest(event), digest(changes), digest(detail), digest(read)])


def digest(piece: bytes) -> bytes:
    """Return the digest of one piece of an entry."""
    return hashlib.sha256(piece).digest() if piece else _NOTHING


_NOTHING = hashlib.sha256(b"").digest()


def pieces_of(entry: JournalEntry) -> list[bytes]:
    """Return the digests of an entry's pieces; of masked ones those of what they were."""
    return [
        bytes.fromhex(entry.masked[name]) if name in entry.masked else digest(getattr(entry, name))
        for name in PIECES
    ]


def broken_link(entries: Sequence[JournalEntry], head: bytes) -> int | None:
    """Return the number of the first entry that the chain does not hold for, or None.

    Args:
        entries: the whole journal of an entity, oldest first.
        head: the last link as its row has it; a journal cut short fails here, and the number
            of its last entry (0 for none) comes back.
    """
    before, last = b"", 0
    for entry in entries:
        if not entry.digest:
            continue
        if link(before, header(entry), pieces_of(entry)) != entry.digest:
            return entry.seq
        before, last = entry.digest, entry.seq
    return None if before == head else last


def mask(entry: JournalEntry, fields: Sequence[str]) -> JournalEntry | None:
    """Return the entry without the values of ``fields``, or None if it has none of them.

    Values are replaced in the event's data, in the changes and in what was read; comments and
    notes go when ``fields`` names ``comments`` or ``work_notes``.
    """
    masked = dict(entry.masked)
    pieces: dict[str, bytes] = {}
    names = frozenset(fields) | {k for f, k in POST_TO.items() if f in fields}
    for piece in PIECES:
        old: bytes = getattr(entry, piece)
        if not old:
            continue
        value, hit = _mask(decode(old), names)
        if hit:
            masked.setdefault(piece, digest(old).hex())
            pieces[piece] = encode(value)
    if not pieces:
        return None
    return msgspec.structs.replace(entry, masked=masked, **pieces)


_ERASED = {"$erased": True}


def _mask(value: Any, names: frozenset[str]) -> tuple[Any, bool]:
    if isinstance(value, list):
        both = [_mask(v, names) for v in value]  # pyright: ignore[reportUnknownVariableType]  JSON
        return [v for v, _ in both], any(hit for _, hit in both)
    if not isinstance(value, dict):
        return value, False
    items: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]  JSON
    own = items.get("kind") in names or items.get("type") in names
    out: dict[str, Any] = {}
    found = False
    for key, inner in items.items():
        is_named = key in names or (own and key == "text")
        if is_named and inner is not None and inner != _ERASED:
            out[key], found = _ERASED, True
        else:
            out[key], hit = _mask(inner, names)
            found = found or hit
    return out, found


def is_erased(data: bytes) -> bool:
    """Return whether something was erased in a JSON text."""
    return b'"$erased"' in data


def engine_versions() -> tuple[str, str]:
    """Return the versions of the engine and of the time zone data."""
    from importlib import metadata

    found: list[str] = []
    for name in ("casewright", "tzdata"):
        try:
            found.append(metadata.version(name))
        except metadata.PackageNotFoundError:
            found.append("")
    return found[0], found[1]
