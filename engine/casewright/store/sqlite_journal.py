"""The journal table: history, seen event ids, erasure."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from msgspec import json

from casewright.store import journal
from casewright.store.port import Conflict, JournalEntry, Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.store.port import Step

_INSERT = """INSERT INTO journal
    (domain, entity, event_id, status, revision, type, at_us, version, content, event, changes,
     detail, read, digest)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_SELECT = """SELECT seq, status, revision, event_id, type, at_us, program, engine, tz, event,
    changes, detail, read, digest, masked
    FROM journal JOIN versions USING (version) WHERE domain = ? AND entity = ? ORDER BY seq"""
_MASK = "UPDATE journal SET event = ?, changes = ?, detail = ?, read = ?, masked = ? WHERE seq = ?"

Pieces = tuple[bytes, bytes, bytes]
"""JSON of event, detail and read."""


class SqliteJournal:
    """The table ``journal``; transactions are the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute
        self._versions: dict[str, int] = {}
        self._own: tuple[str, str] | None = None

    def write(self, step: Step, changes: bytes, pieces: Pieces, link: bytes) -> None:
        """Write one entry.

        Raises:
            Conflict: the event id was used.
        """
        outcome = step.outcome
        event, after = outcome.event, outcome.entity
        row = (
            step.domain,
            step.entity,
            event.id,
            outcome.status,
            None if after is None else after.revision,
            event.type,
            outcome.now_us,
            self._version(step.program),
            step.content,
            pieces[0],
            changes,
            pieces[1],
            pieces[2],
            link,
        )
        try:
            self._run(_INSERT, row)
        except sqlite3.IntegrityError as err:
            raise Conflict(step.entity) from err

    def _version(self, program: str) -> int:
        known = self._versions.get(program)
        if known is not None:
            return known
        self._own = self._own or journal.engine_versions()
        key = (program, *self._own)
        self._run("INSERT OR IGNORE INTO versions (program, engine, tz) VALUES (?, ?, ?)", key)
        number: int
        (number,) = self._run(
            "SELECT version FROM versions WHERE program = ? AND engine = ? AND tz = ?", key
        ).fetchone()
        self._versions[program] = number
        return number

    def forget_versions(self) -> None:
        """Look version numbers up again, since a transaction was undone."""
        self._versions.clear()

    def receipt(self, domain: str, entity: str, event_id: str) -> Receipt | None:
        """Return what an event id gave when it was first handled, or None."""
        row = self._run(
            "SELECT status, revision, detail, content FROM journal"
            " WHERE domain = ? AND entity = ? AND event_id = ?",
            (domain, entity, event_id),
        ).fetchone()
        if row is None:
            return None
        detail = journal.read_detail(row[2])
        return Receipt(row[0], row[1], detail.errors, detail.effects, row[3])

    def history(self, domain: str, entity: str) -> list[JournalEntry]:
        """Return the entries of one case, oldest first."""
        rows = self._run(_SELECT, (domain, entity)).fetchall()
        return [_entry(row) for row in rows]

    def erase(self, domain: str, entity: str, fields: Sequence[str]) -> int:
        """Mask the values of ``fields``; return how many entries had them."""
        count = 0
        for entry in self.history(domain, entity):
            new = journal.mask(entry, fields)
            if new is None:
                continue
            masked = journal.encode(new.masked).decode()
            pieces = (new.event, new.changes, new.detail, new.read)
            self._run(_MASK, (*pieces, masked, new.seq))
            count += 1
        return count


def _entry(row: tuple[Any, ...]) -> JournalEntry:
    *columns, masked = row
    seq, status, revision, event_id, type_, at_us, program, engine, tz, *pieces = columns
    event, changes, detail, read, digest = pieces
    return JournalEntry(
        seq,
        status,
        revision,
        event_id,
        type_,
        at_us,
        program,
        engine,
        tz,
        event,
        changes,
        detail,
        read,
        digest,
        json.decode(masked) if masked else {},
    )
