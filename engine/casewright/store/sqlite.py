"""The store in one SQLite file: durable, safe against ``kill -9``, several processes at a time.

A step is one transaction of two writes (entity's row, journal entry) and one for each message. The
unique event id and the guarded revision make the second of two writers fail, who then reads and
steps again. Entities are cached by id, so a step reads nothing in general.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from casewright.case import Case, Entity, Window
from casewright.errors import HostError
from casewright.store import journal
from casewright.store.delta import delta_of, encode_delta
from casewright.store.entities import dumped, loaded
from casewright.store.memory_journal import detail_of, encode_read, plain_detail
from casewright.store.port import Conflict, Due, Receipt, Superseded
from casewright.store.sqlite_journal import SqliteJournal
from casewright.store.sqlite_outbox import SqliteOutbox
from casewright.store.sqlite_schema import CASE, WINDOW, connect

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from casewright.store.port import (
        CaseFilter,
        Codec,
        JournalEntry,
        Message,
        MessageState,
        Parked,
        Step,
    )
    from casewright.store.sqlite_schema import Synchronous

Key = tuple[str, str]

PAGE = 500
"""Entities that a listing reads at a time."""

_INSERT = """INSERT INTO cases
    (domain, id, kind, case_type, number, state, revision, due_us, head, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
# an index is written whenever one of its columns is named, so unchanged ones are not named
_UPDATE = "UPDATE cases SET revision = ?, head = ?, body = ? WHERE key = ? AND revision = ?"
_WINDOWS = """SELECT body, id FROM cases WHERE domain = ?1 AND kind = 'window'
    AND (?2 = '' OR case_type = ?2) AND body IS NOT NULL AND id > ?3 ORDER BY id LIMIT ?4"""
_UPDATE_INDEXED = """UPDATE cases SET revision = ?, head = ?, body = ?, state = ?, due_us = ?
    WHERE key = ? AND revision = ?"""


class _Row(Struct):
    """A cached entity: its row number, the last link of its chain, its due instant."""

    key: int
    entity: Entity
    head: bytes
    due_us: int | None


class SqliteStore:
    """Entities in one file; implements ``CaseStore``.

    Args:
        path: of the file, made where it is not there; ``:memory:`` for none.
        synchronous: ``normal`` survives the process, ``full`` also the machine.
        wait_ms: how long a writer waits for another process.
        cached: at most so many entities are kept in memory.
    """

    def __init__(
        self,
        path: str,
        *,
        synchronous: Synchronous = "normal",
        wait_ms: int = 10_000,
        cached: int = 8192,
    ) -> None:
        self._connection = connect(path, synchronous, wait_ms)
        self._run = self._connection.execute
        self._outbox = SqliteOutbox(self._connection)
        self._journal = SqliteJournal(self._connection)
        self._cache: dict[Key, _Row] = {}
        self._limit = cached
        self._is_batch = False
        self._checked: dict[str, str] = {}
        self._data_version = 0

    # reading

    def entity(self, domain: str, entity: str, codec: Codec) -> Entity | None:
        """Return the case or window, from the cache if no other process wrote since."""
        if not self._is_batch:
            self._drop_stale()
        row = self._row(domain, entity, codec)
        return None if row is None else row.entity

    def case(self, domain: str, entity: str, codec: Codec) -> Case | None:
        """Return the case, or None."""
        found = self.entity(domain, entity, codec)
        return found if isinstance(found, Case) else None

    def _drop_stale(self) -> None:
        (version,) = self._run("PRAGMA data_version").fetchone()
        if version != self._data_version:
            self._cache.clear()
            self._outbox.look_again()
            self._data_version = version

    def _row(self, domain: str, entity: str, codec: Codec) -> _Row | None:
        row = self._cache.pop((domain, entity), None)
        if row is not None:
            self._cache[domain, entity] = row  # the last used one comes last
            return row
        found = self._run(
            "SELECT key, kind, head, body FROM cases WHERE domain = ? AND id = ?",
            (domain, entity),
        ).fetchone()
        if found is None or found[3] is None:
            return None
        key, kind, head, body = found
        now = loaded(codec, body, is_window=kind == WINDOW)
        row = _Row(key, now, head, now.next_due_us)
        self._keep((domain, entity), row)
        return row

    def _keep(self, key: Key, row: _Row) -> None:
        if len(self._cache) >= self._limit:
            for old in list(self._cache)[: self._limit // 4]:
                del self._cache[old]
        self._cache[key] = row

    def is_taken(self, domain: str, entity: str) -> bool:
        """Return whether the id was ever given."""
        key = (domain, entity)
        return (
            self._run("SELECT 1 FROM cases WHERE domain = ? AND id = ?", key).fetchone() is not None
        )

    def cases(self, domain: str, where: CaseFilter, codec: Codec) -> Iterator[Case]:
        """Yield the cases that ``where`` selects, by ascending id."""
        left = where.limit
        while True:
            size = min(left, PAGE) if left else PAGE
            sql, values = _listing(domain, where)
            rows = self._run(f"{sql} LIMIT {size:d}", values).fetchall()
            for body, _ in rows:
                yield codec.load_case(body)
            if len(rows) < size or len(rows) == left:
                return
            left = left and left - len(rows)
            where = structs.replace(where, after=rows[-1][1])

    def windows(self, domain: str, correlation: str, codec: Codec) -> Iterator[Window]:
        """Yield the windows of a correlation, by ascending id."""
        after = ""
        while rows := self._run(_WINDOWS, (domain, correlation, after, PAGE)).fetchall():
            for body, after in rows:  # noqa: B007  the last one is where the next page begins
                yield codec.load_window(body)

    def states(self, domain: str) -> list[tuple[str, str, int]]:
        """Return how many cases there are of each case type and state, in order."""
        rows: list[tuple[str, str, int]] = self._run(
            "SELECT case_type, state, COUNT(*) FROM cases"
            " WHERE domain = ? AND kind = 'case' AND body IS NOT NULL"
            " GROUP BY case_type, state ORDER BY case_type, state",
            (domain,),
        ).fetchall()
        return rows

    def receipt(self, domain: str, entity: str, event_id: str) -> Receipt | None:
        """Return what the id gave when it was first handled, or None."""
        return self._journal.receipt(domain, entity, event_id)

    # writing

    @contextmanager
    def _transaction(self) -> Generator[None]:
        if self._is_batch:
            yield
            return
        try:
            self._run("BEGIN IMMEDIATE")
            yield
            self._run("COMMIT")
        except BaseException as err:
            self._roll_back()
            if isinstance(err, sqlite3.Error):
                raise HostError(f"the store failed: {err}") from err
            raise

    def _roll_back(self) -> None:
        self._cache.clear()
        self._journal.forget_versions()
        if self._connection.in_transaction:
            self._run("ROLLBACK")

    @contextmanager
    def batch(self) -> Generator[None]:
        """Make all commits inside one transaction."""
        with self._transaction():
            self._drop_stale()
            self._checked.clear()
            self._is_batch = True
            try:
                yield
            finally:
                self._is_batch = False

    def commit(self, steps: Sequence[Step], codec: Codec) -> tuple[Message, ...]:
        """Write the steps, all or none."""
        if not self._is_batch:
            with self._transaction():
                return self._write_all(steps, codec)
        try:
            return self._write_all(steps, codec)
        except Conflict as err:  # what has been written so far cannot be undone alone
            raise HostError(f"the batch cannot go on: {err}") from err

    def _write_all(self, steps: Sequence[Step], codec: Codec) -> tuple[Message, ...]:
        sent: list[Message] = []
        for step in steps:
            self._check_program(step)
            self._write(step, codec)
            if step.messages:
                sent += self._outbox.add(step.messages)
            if step.settles:
                self._outbox.settle_step(step)
        return tuple(sent)

    def _check_program(self, step: Step) -> None:
        if step.is_left_behind:
            return
        if self._is_batch and self._checked.get(step.domain) == step.program:
            return  # nobody else writes while the transaction is open
        active = self.active(step.domain)
        if active is not None and active[0] != step.program:
            raise Superseded(active[0])
        self._checked[step.domain] = step.program

    def _write(self, step: Step, codec: Codec) -> None:
        outcome, after = step.outcome, step.outcome.entity
        if outcome.status == "failed" and after is step.before:
            self._outbox.park(step, codec)
            return
        changes, link, row = b"{}", b"", None
        pieces = (
            codec.dump_event(outcome.event),
            journal.encode(plain_detail(detail_of(outcome))),
            encode_read(outcome.read),
        )
        if after is not None and after is not step.before:
            row = self._before(step, codec)
            body = dumped(codec, after)
            changes = encode_delta(delta_of(step.before, after))
            link = journal.next_link(b"" if row is None else row.head, step, changes, pieces)
            self._write_entity(
                step, row, _Row(row.key if row else 0, after, link, after.next_due_us), body
            )
        self._journal.write(step, changes, pieces, link)
        self._outbox.clear(step)

    def _before(self, step: Step, codec: Codec) -> _Row | None:
        if step.before is None:
            return None
        row = self._row(step.domain, step.entity, codec)
        if row is None or row.entity.revision != step.before.revision:
            raise Conflict(step.entity)
        return row

    def _write_entity(self, step: Step, old: _Row | None, new: _Row, body: bytes) -> None:
        entity, due = new.entity, new.due_us
        if old is None:
            new.key = self._insert(step, entity, due, new.head, body)
        else:
            now = (entity.revision, new.head, body)
            guard = (old.key, old.entity.revision)
            if entity.state == old.entity.state and due == old.due_us:
                cursor = self._run(_UPDATE, (*now, *guard))
            else:
                cursor = self._run(_UPDATE_INDEXED, (*now, entity.state, due, *guard))
            if cursor.rowcount != 1:
                raise Conflict(step.entity)
        self._keep((step.domain, step.entity), new)

    def _insert(self, step: Step, new: Entity, due: int | None, head: bytes, body: bytes) -> int:
        kind = WINDOW if isinstance(new, Window) else CASE
        row = (kind, new.case_type, new.number, new.state, new.revision, due, head, body)
        try:
            return self._run(_INSERT, (step.domain, step.entity, *row)).lastrowid or 0
        except sqlite3.IntegrityError as err:
            raise Conflict(step.entity) from err

    # timers

    def due(self, domain: str, until_us: int, limit: int = 1) -> list[Due]:
        """Return the entities due at or before ``until_us``, by instant and id."""
        rows = self._run(
            "SELECT due_us, id FROM cases WHERE domain = ? AND due_us <= ?"
            " ORDER BY due_us, id LIMIT ?",
            (domain, until_us, limit),
        )
        return [Due(*row) for row in rows]

    def next_due(self, domain: str) -> int | None:
        """Return the earliest due instant, or None."""
        row = self._run(
            "SELECT due_us FROM cases WHERE domain = ? AND due_us IS NOT NULL"
            " ORDER BY due_us LIMIT 1",
            (domain,),
        ).fetchone()
        return None if row is None else row[0]

    # journal

    def history(self, domain: str, entity: str, codec: Codec) -> list[JournalEntry]:  # noqa: ARG002  the port's
        """Return the journal of one entity, oldest first."""
        return self._journal.history(domain, entity)

    def head(self, domain: str, entity: str) -> bytes:
        """Return the last link of the entity's chain as its row has it."""
        row = self._run(
            "SELECT head FROM cases WHERE domain = ? AND id = ?", (domain, entity)
        ).fetchone()
        return b"" if row is None else row[0]

    def erase(self, domain: str, entity: str, fields: Sequence[str], codec: Codec) -> int:  # noqa: ARG002  the port's
        """Take the values of ``fields`` out of the journal."""
        with self._transaction():
            return self._journal.erase(domain, entity, fields)

    def delete(self, domain: str, entity: str) -> bool:
        """Forget entity and journal; the id stays taken."""
        key = (domain, entity)
        with self._transaction():
            cursor = self._run(
                "UPDATE cases SET body = NULL, due_us = NULL, number = NULL"
                " WHERE domain = ? AND id = ? AND body IS NOT NULL",
                key,
            )
            self._run("DELETE FROM journal WHERE domain = ? AND entity = ?", key)
            self._run("DELETE FROM parked WHERE domain = ? AND entity = ?", key)
            self._cache.pop(key, None)
        return cursor.rowcount > 0

    # messages and parked events

    def messages(
        self, domain: str, state: MessageState = "pending", destination: str = ""
    ) -> list[Message]:
        """Return outbox rows in order."""
        return self._outbox.messages(domain, state, destination)

    def before(self, message: Message) -> list[Message]:
        """Return the pending rows of a message's sender and destination that go before it."""
        return self._outbox.before(message)

    def destinations(self, domain: str) -> list[str]:
        """Return the destinations that pending rows have."""
        return self._outbox.destinations(domain)

    def waiting_programs(self, domain: str) -> set[str]:
        """Return the hashes of the programs that made pending rows."""
        return self._outbox.waiting_programs(domain)

    def claim(
        self, domain: str, served: Sequence[str], now_us: int, lease_us: int
    ) -> list[Message]:
        """Lease rows for delivery outside."""
        with self._transaction():
            return self._outbox.claim(domain, served, now_us, lease_us)

    def settle(self, seq: int, state: MessageState, error: str = "", retry_us: int = 0) -> None:
        """Write how a delivery went."""
        with self._transaction():
            self._outbox.settle(seq, state, error, retry_us)

    def purge(self, domain: str, before_us: int) -> int:
        """Forget rows that are done or refused and older."""
        with self._transaction():
            return self._outbox.purge(domain, before_us)

    def parked(self, domain: str, codec: Codec, entity: str | None = None) -> list[Parked]:
        """Return the parked events, oldest first."""
        return self._outbox.parked(domain, codec, entity)

    def unpark(self, domain: str, entity: str, event_id: str) -> bool:
        """Drop a parked event."""
        with self._transaction():
            return self._outbox.unpark(domain, entity, event_id)

    # numbers and programs

    def numbers(self, domain: str, prefix: str, count: int) -> int:
        """Reserve ``count`` numbers and return the first."""
        with self._transaction():
            following: int
            (following,) = self._run(
                "INSERT INTO numbers VALUES (?1, ?2, 1 + ?3) ON CONFLICT (domain, prefix)"
                " DO UPDATE SET next = next + ?3 RETURNING next",
                (domain, prefix, count),
            ).fetchone()
        return following - count

    def activate(self, domain: str, program: str) -> int:
        """Make a program the active one and return its generation."""
        with self._transaction():
            found = self.active(domain)
            if found is not None and found[0] == program:
                return found[1]
            generation = 1 if found is None else found[1] + 1
            self._run(
                "INSERT INTO activations VALUES (?1, ?2, ?3) ON CONFLICT (domain)"
                " DO UPDATE SET program = ?2, generation = ?3",
                (domain, program, generation),
            )
        self._checked.clear()
        return generation

    def active(self, domain: str) -> tuple[str, int] | None:
        """Return hash and generation of the active program, or None."""
        row: tuple[str, int] | None = self._run(
            "SELECT program, generation FROM activations WHERE domain = ?", (domain,)
        ).fetchone()
        return row

    def close(self) -> None:
        """Close the file."""
        self._cache.clear()
        self._connection.close()


def _listing(domain: str, where: CaseFilter) -> tuple[str, list[Any]]:
    parts = ["SELECT body, id FROM cases WHERE domain = ? AND kind = 'case' AND id > ?"]
    parts.append("body IS NOT NULL")
    values: list[Any] = [domain, where.after]
    for column, names in (("case_type", where.case_types), ("state", where.states)):
        if names:
            parts.append(f"{column} IN ({', '.join('?' * len(names))})")
            values += names
    if where.number:
        parts.append("number = ?")
        values.append(where.number)
    for name, value in where.fields.items():
        parts.append("json_extract(CAST(body AS TEXT), ?) IS json_extract(?, '$')")
        values += [f'$.fields."{name}"', journal.encode(value).decode()]
    return " AND ".join(parts) + " ORDER BY id", values
