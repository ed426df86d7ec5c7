"""The store in memory: for tests, scripts, and hosts that keep cases elsewhere.

Entities are shared, never copied, since they are immutable. All is lost with the process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence  # noqa: TC003  read by msgspec
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from casewright.case import Case, Entity, Window
from casewright.store import journal
from casewright.store import memory_journal as rows_of
from casewright.store.memory_journal import Row
from casewright.store.memory_outbox import MemoryOutbox
from casewright.store.memory_timers import LAST_US, DueHeap
from casewright.store.port import Conflict, JournalEntry, Receipt, Superseded

if TYPE_CHECKING:
    from casewright.store.port import CaseFilter, Codec, Due, Message, MessageState, Parked, Step

Key = tuple[str, str]


class _Kept(Struct):
    """What is kept of one id; ``now`` is None after deletion and before a create is applied."""

    now: Entity | None = None
    rows: list[Row] = field(default_factory=list)
    seen: dict[str, Row | Receipt] = field(default_factory=dict)
    frozen: tuple[JournalEntry, ...] = ()
    was_deleted: bool = False
    due_us: int | None = None


class MemoryStore:
    """Entities in dicts, due instants in a heap; implements ``CaseStore``."""

    def __init__(self) -> None:
        self._entities: dict[Key, _Kept] = {}
        self._timers: dict[str, DueHeap] = {}
        self._outbox = MemoryOutbox()
        self._seq = 0
        self._active: dict[str, tuple[str, int]] = {}
        self._numbers: dict[Key, int] = {}
        self._undo: list[Callable[[], object]] | None = None
        self._versions: tuple[str, str] | None = None

    def entity(self, domain: str, entity: str, codec: Codec) -> Entity | None:  # noqa: ARG002  the port's
        """Return the case or window, or None."""
        found = self._entities.get((domain, entity))
        return None if found is None else found.now

    def case(self, domain: str, entity: str, codec: Codec) -> Case | None:
        """Return the case, or None."""
        found = self.entity(domain, entity, codec)
        return found if isinstance(found, Case) else None

    def is_taken(self, domain: str, entity: str) -> bool:
        """Return whether the id was ever given."""
        found = self._entities.get((domain, entity))
        return found is not None and (found.now is not None or found.was_deleted)

    def cases(self, domain: str, where: CaseFilter, codec: Codec) -> Iterator[Case]:
        """Yield the cases that ``where`` selects, by ascending id."""
        found = self._sorted(domain, where.after)
        chosen = (c for c in found if isinstance(c, Case) and _selects(where, c, codec))
        yield from islice(chosen, where.limit or None)

    def windows(self, domain: str, correlation: str, codec: Codec) -> Iterator[Window]:  # noqa: ARG002  the port's
        """Yield the windows of a correlation, by ascending id."""
        for found in self._sorted(domain, ""):
            if isinstance(found, Window) and correlation in ("", found.correlation):
                yield found

    def _sorted(self, domain: str, after: str) -> Iterator[Entity | None]:
        ids = sorted(i for d, i in self._entities if d == domain and i > after)
        return (self._entities[domain, i].now for i in ids)

    def states(self, domain: str) -> list[tuple[str, str, int]]:
        """Return how many cases there are of each case type and state, in order."""
        found = Counter(
            (kept.now.case_type, kept.now.state)
            for (d, _), kept in self._entities.items()
            if d == domain and isinstance(kept.now, Case)
        )
        return [(*key, count) for key, count in sorted(found.items())]

    def receipt(self, domain: str, entity: str, event_id: str) -> Receipt | None:
        """Return what the id gave when it was first handled, or None."""
        found = self._entities.get((domain, entity))
        seen = None if found is None else found.seen.get(event_id)
        return rows_of.receipt_of(seen) if isinstance(seen, Row) else seen

    def commit(self, steps: Sequence[Step], codec: Codec) -> tuple[Message, ...]:  # noqa: ARG002  the port's
        """Keep the steps, all or none."""
        self._check(steps)
        sent: list[Message] = []
        for step in steps:
            if step.outcome.status == "failed" and step.outcome.entity is step.before:
                self._later(self._outbox.park(step))
            else:
                self._keep(step)
            if step.messages:
                sent += self._outbox.add(step.messages)
            if step.settles:
                self._later(self._outbox.settle_step(step))
        if self._undo is not None and sent:
            self._undo.append(lambda: self._outbox.forget(sent))
        return tuple(sent)

    def _check(self, steps: Sequence[Step]) -> None:
        heads: dict[Key, int | None] = {}
        for step in steps:
            key = (step.domain, step.entity)
            active = self._active.get(step.domain)
            if active is not None and active[0] != step.program and not step.is_left_behind:
                raise Superseded(active[0])
            kept = self._entities.get(key)
            now = None if kept is None or kept.now is None else kept.now.revision
            before = None if step.before is None else step.before.revision
            used = kept is not None and step.outcome.event.id in kept.seen
            if used or heads.get(key, now) != before or (before is None and self.is_taken(*key)):
                raise Conflict(step.entity)
            after = step.outcome.entity
            heads[key] = None if after is None else after.revision

    def _keep(self, step: Step) -> None:
        key = (step.domain, step.entity)
        kept = self._entities.get(key)
        if kept is None:
            kept = self._entities[key] = _Kept()
        before, due = kept.now, kept.due_us
        self._seq += 1
        row = rows_of.row_of(self._seq, step)
        kept.rows.append(row)
        kept.seen[row.event_id] = row
        after = step.outcome.entity
        kept.now = after
        if after is not before and after is not None:
            kept.due_us = after.next_due_us
            if kept.due_us != due:
                self._timers.setdefault(step.domain, DueHeap()).arm(kept.due_us, step.entity)
        self._outbox.unpark(step.domain, step.entity, row.event_id)
        if self._undo is not None:
            self._undo.append(lambda: _forget(kept, row, before, due))

    def _later(self, undo: Callable[[], object]) -> None:
        if self._undo is not None:
            self._undo.append(undo)

    @contextmanager
    def batch(self) -> Generator[None]:
        """Undo all commits made inside if the block raises."""
        self._undo = []
        try:
            yield
        except BaseException:
            for undo in reversed(self._undo):
                undo()
            self._timers = {}
            for (domain, name), kept in self._entities.items():
                if kept.due_us is not None:
                    self._timers.setdefault(domain, DueHeap()).arm(kept.due_us, name)
            raise
        finally:
            self._undo = None

    def due(self, domain: str, until_us: int, limit: int = 1) -> list[Due]:
        """Return the entities due at or before ``until_us``, by instant and id."""
        heap = self._timers.get(domain)
        return [] if heap is None else heap.due(until_us, limit)

    def next_due(self, domain: str) -> int | None:
        """Return the earliest due instant, or None."""
        first = self.due(domain, LAST_US)
        return first[0].due_us if first else None

    def history(self, domain: str, entity: str, codec: Codec) -> list[JournalEntry]:
        """Return the journal of one entity, encoded now."""
        found = self._entities.get((domain, entity))
        if found is None:
            return []
        self._versions = self._versions or journal.engine_versions()
        return list(rows_of.entries(found.frozen, found.rows, codec, self._versions))

    def head(self, domain: str, entity: str) -> bytes:
        """Return an empty link: in memory the chain is made when it is read."""
        del domain, entity
        return b""

    def erase(self, domain: str, entity: str, fields: Sequence[str], codec: Codec) -> int:
        """Take the values of ``fields`` out of the journal."""
        found = self._entities.get((domain, entity))
        if found is None:
            return 0
        entries = self.history(domain, entity, codec)
        masked = [journal.mask(e, fields) for e in entries]
        kept = tuple([new or old for new, old in zip(masked, entries, strict=True)])
        found.frozen, found.rows = kept, []
        found.seen = {
            k: rows_of.receipt_of(v) if isinstance(v, Row) else v for k, v in found.seen.items()
        }
        return sum(m is not None for m in masked)

    def delete(self, domain: str, entity: str) -> bool:
        """Forget entity and journal; the id stays taken."""
        found = self._entities.get((domain, entity))
        if found is None or found.now is None:
            return False
        self._entities[domain, entity] = _Kept(was_deleted=True)
        self._timers.setdefault(domain, DueHeap()).arm(None, entity)
        return True

    def messages(
        self, domain: str, state: MessageState = "pending", destination: str = ""
    ) -> list[Message]:
        """Return outbox rows in order."""
        return self._outbox.messages(domain, state, destination)

    def before(self, message: Message) -> list[Message]:
        """Return nothing: the one process that there is goes through them in order."""
        del message
        return []

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
        return self._outbox.claim(domain, served, now_us, lease_us)

    def settle(self, seq: int, state: MessageState, error: str = "", retry_us: int = 0) -> None:
        """Write how a delivery went."""
        self._later(self._outbox.settle(seq, state, error, retry_us))

    def purge(self, domain: str, before_us: int) -> int:
        """Forget rows that are done or refused and older."""
        return self._outbox.purge(domain, before_us)

    def parked(self, domain: str, codec: Codec, entity: str | None = None) -> list[Parked]:  # noqa: ARG002  the port's
        """Return the parked events, oldest first."""
        return self._outbox.parked(domain, entity)

    def unpark(self, domain: str, entity: str, event_id: str) -> bool:
        """Drop a parked event."""
        return self._outbox.unpark(domain, entity, event_id)

    def numbers(self, domain: str, prefix: str, count: int) -> int:
        """Reserve ``count`` numbers and return the first."""
        first = self._numbers.get((domain, prefix), 1)
        self._numbers[domain, prefix] = first + count
        return first

    def activate(self, domain: str, program: str) -> int:
        """Make a program the active one and return its generation."""
        before, generation = self._active.get(domain, ("", 0))
        if before != program:
            generation += 1
            self._active[domain] = (program, generation)
        return generation

    def active(self, domain: str) -> tuple[str, int] | None:
        """Return hash and generation of the active program, or None."""
        return self._active.get(domain)

    def close(self) -> None:
        """Do nothing; the data go with the object."""


def _forget(kept: _Kept, row: Row, before: Entity | None, due_us: int | None) -> None:
    kept.rows.remove(row)
    del kept.seen[row.event_id]
    kept.now, kept.due_us = before, due_us


def _selects(where: CaseFilter, case: Case, codec: Codec) -> bool:
    if where.case_types and case.case_type not in where.case_types:
        return False
    if where.states and case.state not in where.states:
        return False
    if where.number and case.number != where.number:
        return False
    if not where.fields:
        return True
    fields: dict[str, Any] = journal.decode(codec.dump_case(case))["fields"]
    return all(fields.get(name) == value for name, value in where.fields.items())
