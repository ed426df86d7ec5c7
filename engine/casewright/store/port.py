"""The port between the engine and a database: what a store takes, gives and promises.

A store keeps entities (cases and windows), their journals, the ids of events that were seen,
messages on their way out, parked events, numbers and the active program. Domain is part of every
key. All that one step
changes becomes durable in one transaction, before any effect of it is visible (design, 6.1).
Nothing here knows a spec: a codec, which a program is, turns entities and events into bytes and
back.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  read by msgspec
from contextlib import AbstractContextManager  # noqa: TC003  part of a protocol
from typing import TYPE_CHECKING, Any, Literal, Protocol

from msgspec import Struct, field

from casewright.case import (  # noqa: TC001  read by msgspec
    Case,
    Effect,
    Entity,
    Event,
    EventStatus,
    Outcome,
    Problem,
    Window,
)
from casewright.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MessageState = Literal["pending", "done", "refused", "dead", "stuck"]


class Conflict(HostError):  # noqa: N818  a race, not a fault
    """Another writer was first; read the entity again and step again.

    Attributes:
        entity: id of the entity concerned.
    """

    def __init__(self, entity: str) -> None:
        self.entity = entity
        super().__init__(f"another writer changed {entity}")


class Superseded(HostError):  # noqa: N818  a newer program, not a fault
    """The store runs another program than the step was made with.

    Attributes:
        program: hash of the program that is active.
    """

    def __init__(self, program: str) -> None:
        self.program = program
        super().__init__(f"the store runs program {program}; reload and try again")


class Codec(Protocol):
    """Turns records into bytes and back; a program is one."""

    def dump_case(self, case: Case) -> bytes:
        """Return the canonical JSON object of ``case``."""
        ...

    def load_case(self, data: bytes) -> Case:
        """Return the case of what ``dump_case`` gave."""
        ...

    def dump_window(self, window: Window) -> bytes:
        """Return the canonical JSON object of ``window``."""
        ...

    def load_window(self, data: bytes) -> Window:
        """Return the window of what ``dump_window`` gave."""
        ...

    def dump_event(self, event: Event) -> bytes:
        """Return the canonical JSON object of ``event``."""
        ...

    def load_event(self, data: bytes) -> Event:
        """Return the event of what ``dump_event`` gave."""
        ...


class Message(Struct, frozen=True, gc=False):
    """An effect on its way: the row of the outbox.

    Attributes:
        domain, case, case_type, number: who sends it.
        destination: ``case`` for messages between entities, else ``channel/<name>`` or
            ``action/<name>``; rows of one case and destination go out in order.
        effect: what goes out; its id is the row's.
        at_us: the sender's ``now``.
        cause: id, type and actor id of the root event.
        program: hash of the program that made it, whose templates render it.
        seq: the store's number of the row, ascending; 0 before it is stored.
        state: ``pending``; ``done``; ``refused`` by its receiver; ``dead`` after the last try, or
            ``stuck`` if it then holds up its line.
        attempts: tries so far.
        next_attempt_us: not before this instant.
        error: of the last try, or of the receiver's refusal.
    """

    domain: str
    case: str
    case_type: str
    number: str | None
    destination: str
    effect: Effect
    at_us: int
    cause: tuple[str, str, str]
    program: str
    seq: int = 0
    state: MessageState = "pending"
    attempts: int = 0
    next_attempt_us: int = 0
    error: str = ""


class Step(Struct, frozen=True, gc=False):
    """One outcome to be made durable.

    Attributes:
        domain: the tenant.
        entity: id of the case or window.
        before: the entity that the step began with; its revision guards the write.
        outcome: with status ``applied``, ``rejected`` or ``failed``.
        content: digest of what the asker sent, which tells a repeat from a reused id.
        program: hash of the program that stepped.
        messages: outbox rows of the outcome's effects.
        settles: number of the outbox row whose delivery this step completes, or 0.
        is_left_behind: the case cannot follow the active program and stays on its own.
    """

    domain: str
    entity: str
    before: Entity | None
    outcome: Outcome
    content: bytes
    program: str
    messages: tuple[Message, ...] = ()
    settles: int = 0
    is_left_behind: bool = False


class Receipt(Struct, frozen=True, gc=False):
    """What the first handling of an event id gave.

    Attributes:
        status: ``applied`` or ``rejected``.
        revision: of the entity after it; None for a rejection of a create.
        errors: why it was rejected.
        effects: ids of its effects.
        content: digest of what was sent under the id.
    """

    status: EventStatus
    revision: int | None
    errors: tuple[Problem, ...]
    effects: tuple[str, ...]
    content: bytes


class Detail(Struct, frozen=True, gc=False, omit_defaults=True):
    """The small parts of a journal entry, kept as one JSON object."""

    effects: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    errors: tuple[Problem, ...] = ()
    ignored: tuple[Any, ...] = ()
    entries: tuple[Any, ...] = ()


class JournalEntry(Struct, frozen=True):
    """One handled event, as the journal keeps it.

    Attributes:
        seq: grows over the journal; the order of history.
        status: ``applied`` or ``rejected``; ``failed`` where a timer was parked.
        revision: of the entity after it; None where it stands beside the chain.
        event_id, type: of the event.
        at_us: the step's instant.
        program, engine, tz: hash of the program, versions of the engine and of the time zone data.
        event: canonical JSON of the event.
        changes: what became different in the whole record; see ``casewright.store.delta``.
        detail: JSON of effect ids, causes, errors, ignored events, entries.
        read: JSON of the related values that the step read, or empty.
        digest: link of the hash chain; empty where the entry stands beside it.
        masked: original digests of pieces that were erased, by name of the piece.
    """

    seq: int
    status: EventStatus
    revision: int | None
    event_id: str
    type: str
    at_us: int
    program: str
    engine: str
    tz: str
    event: bytes
    changes: bytes
    detail: bytes
    read: bytes
    digest: bytes
    masked: dict[str, str] = field(default_factory=dict[str, str])


class Parked(Struct, frozen=True):
    """A failed event that waits for an operator.

    Attributes:
        domain, entity: where it belongs.
        event_id: of the event.
        event: as it was admitted.
        errors: why it failed.
        at_us: when it failed, in the step's time.
        program: hash of the program it failed with.
    """

    domain: str
    entity: str
    event_id: str
    event: Event
    errors: tuple[Problem, ...]
    at_us: int
    program: str


class Due(Struct, frozen=True, order=True):
    """An entity whose timer is due."""

    due_us: int
    entity: str


class CaseFilter(Struct, frozen=True):
    """Which cases to list; what is left out does not filter.

    Attributes:
        case_types: qualified names.
        states: names of states.
        number: the label.
        fields: fields that must equal a plain JSON value.
        after: ids above this one only, for paging.
        limit: at most so many; 0 for all.
    """

    case_types: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    number: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    after: str = ""
    limit: int = 0


class CaseStore(Protocol):
    """A database of entities. One thread at a time; see each store for several processes.

    Cases and windows lie side by side; listings and counts are of one kind.
    """

    def entity(self, domain: str, entity: str, codec: Codec) -> Entity | None:
        """Return the case or window, or None if there is none (also once it was deleted)."""
        ...

    def case(self, domain: str, entity: str, codec: Codec) -> Case | None:
        """Return the case, or None if there is none (once it was deleted), or it is a window."""
        ...

    def is_taken(self, domain: str, entity: str) -> bool:
        """Return whether the id was ever given, deleted entities included."""
        ...

    def cases(self, domain: str, where: CaseFilter, codec: Codec) -> Iterator[Case]:
        """Yield the cases that ``where`` selects, by ascending id."""
        ...

    def windows(self, domain: str, correlation: str, codec: Codec) -> Iterator[Window]:
        """Yield the windows of a correlation (of all, where it is empty), by ascending id."""
        ...

    def states(self, domain: str) -> list[tuple[str, str, int]]:
        """Return how many cases there are of each case type and state, in order."""
        ...

    def receipt(self, domain: str, entity: str, event_id: str) -> Receipt | None:
        """Return what the id gave when it was first handled, or None."""
        ...

    def commit(self, steps: Sequence[Step], codec: Codec) -> tuple[Message, ...]:
        """Make steps durable, all or none, and return their messages with their numbers.

        An ``applied`` step writes entity, journal entry and outbox; a ``rejected`` one an entry
        beside the chain; a ``failed`` one parks the event.

        Raises:
            Conflict: an entity is not at the revision of ``before``, or an event id was used.
            HostError: the same inside a batch, which then has to be undone as a whole.
            Superseded: another program is active in the domain.
        """
        ...

    def batch(self) -> AbstractContextManager[None]:
        """Return a context in which all commits are one transaction, undone by an exception."""
        ...

    def due(self, domain: str, until_us: int, limit: int = 1) -> list[Due]:
        """Return the entities due at or before ``until_us``, by instant and id."""
        ...

    def next_due(self, domain: str) -> int | None:
        """Return the earliest due instant of all entities, or None."""
        ...

    def history(self, domain: str, entity: str, codec: Codec) -> list[JournalEntry]:
        """Return the journal of one entity, oldest first."""
        ...

    def head(self, domain: str, entity: str) -> bytes:
        """Return the last link of the entity's chain as its row has it; empty without one."""
        ...

    def erase(self, domain: str, entity: str, fields: Sequence[str], codec: Codec) -> int:
        """Take the values of ``fields`` out of the journal; return how many entries had them.

        The chain still verifies, since it covers digests. The entity itself is not changed.
        """
        ...

    def delete(self, domain: str, entity: str) -> bool:
        """Forget entity and journal; the id stays taken. Return False if there is none."""
        ...

    def messages(
        self, domain: str, state: MessageState = "pending", destination: str = ""
    ) -> list[Message]:
        """Return outbox rows in order, of one destination or of all."""
        ...

    def before(self, message: Message) -> list[Message]:
        """Return the pending rows of a message's sender and destination that go before it."""
        ...

    def destinations(self, domain: str) -> list[str]:
        """Return the destinations that pending rows have, messages between entities aside."""
        ...

    def waiting_programs(self, domain: str) -> set[str]:
        """Return the hashes of the programs that made pending rows for others than entities."""
        ...

    def claim(
        self, domain: str, served: Sequence[str], now_us: int, lease_us: int
    ) -> list[Message]:
        """Lease rows for delivery outside that may go now, the first of each (case, destination).

        At most a hundred at a time, so that a lease is not spent waiting. A ``stuck`` row holds
        up those behind it.

        Args:
            domain: the tenant.
            served: destinations that the caller delivers to.
            now_us: rows whose next attempt is later are left.
            lease_us: how long nobody else gets them.
        """
        ...

    def settle(self, seq: int, state: MessageState, error: str = "", retry_us: int = 0) -> None:
        """Write how a delivery went; ``pending`` counts an attempt and waits until ``retry_us``."""
        ...

    def purge(self, domain: str, before_us: int) -> int:
        """Forget rows that are ``done`` or ``refused`` and older; return how many."""
        ...

    def parked(self, domain: str, codec: Codec, entity: str | None = None) -> list[Parked]:
        """Return the parked events, oldest first, of one entity or of all."""
        ...

    def unpark(self, domain: str, entity: str, event_id: str) -> bool:
        """Drop a parked event; return False if there is none."""
        ...

    def numbers(self, domain: str, prefix: str, count: int) -> int:
        """Reserve ``count`` numbers and return the first; they grow and are never given twice."""
        ...

    def activate(self, domain: str, program: str) -> int:
        """Make a program active and return its generation; the same again changes nothing."""
        ...

    def active(self, domain: str) -> tuple[str, int] | None:
        """Return hash and generation of the active program, or None before the first."""
        ...

    def close(self) -> None:
        """Let go of files and connections; a second call does nothing."""
        ...
