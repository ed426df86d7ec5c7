"""Messages on their way and parked events, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence  # noqa: TC003  part of a signature
from typing import TYPE_CHECKING

from msgspec import structs

from casewright.store.outbox import CASE, CLAIM_LIMIT, line_of, settled_state
from casewright.store.port import Parked

if TYPE_CHECKING:
    from casewright.store.port import Message, MessageState, Step


class MemoryOutbox:
    """Rows by number; those that wait are kept apart, so that what is done costs nothing."""

    def __init__(self) -> None:
        self._seq = 0
        self._waiting: dict[int, Message] = {}
        self._over: dict[int, Message] = {}
        self._stuck: dict[int, Message] = {}
        self._leases: dict[int, int] = {}
        self._parked: dict[tuple[str, str, str], Step] = {}

    def add(self, messages: Iterable[Message]) -> list[Message]:
        """Keep messages and return them with their numbers."""
        kept: list[Message] = []
        for message in messages:
            self._seq += 1
            numbered = structs.replace(message, seq=self._seq)
            self._waiting[self._seq] = numbered
            kept.append(numbered)
        return kept

    def forget(self, messages: Iterable[Message]) -> None:
        """Drop messages whose step was undone."""
        for message in messages:
            self._take(message.seq)

    def messages(self, domain: str, state: MessageState, destination: str) -> list[Message]:
        """Return rows in order, of one destination or of all."""
        rows = self._home(state)
        return [
            m
            for _, m in sorted(rows.items())
            if m.domain == domain and m.state == state and destination in ("", m.destination)
        ]

    def destinations(self, domain: str) -> list[str]:
        """Return the destinations that waiting rows have, messages between cases aside."""
        return sorted(
            {m.destination for m in self._waiting.values() if m.domain == domain} - {CASE}
        )

    def waiting_programs(self, domain: str) -> set[str]:
        """Return the hashes of the programs that made waiting rows for others than entities."""
        waiting = self._waiting.values()
        return {m.program for m in waiting if m.domain == domain and m.destination != CASE}

    def claim(
        self, domain: str, served: Sequence[str], now_us: int, lease_us: int
    ) -> list[Message]:
        """Lease the first row of each (case, destination) that may go out now."""
        held = {line_of(m) for m in self._stuck.values()}
        chosen: list[Message] = []
        for seq, message in self._waiting.items():
            if len(chosen) == CLAIM_LIMIT:
                break
            line = line_of(message)
            if message.domain != domain or message.destination not in served or line in held:
                continue
            held.add(line)
            if message.next_attempt_us <= now_us and self._leases.get(seq, 0) <= now_us:
                self._leases[seq] = now_us + lease_us
                chosen.append(message)
        return chosen

    def settle(
        self, seq: int, state: MessageState, error: str, retry_us: int
    ) -> Callable[[], object]:
        """Write how a delivery went and return what takes it back."""
        message = self._waiting.get(seq) or self._stuck.get(seq) or self._over[seq]
        self._leases.pop(seq, None)
        new = structs.replace(
            message,
            state=state,
            error=error,
            attempts=message.attempts + 1,
            next_attempt_us=retry_us,
        )
        self._put(new)
        return lambda: self._put(message)

    def _home(self, state: MessageState) -> dict[int, Message]:
        if state == "pending":
            return self._waiting
        return self._stuck if state == "stuck" else self._over

    def _take(self, seq: int) -> None:
        for rows in (self._waiting, self._stuck, self._over):
            rows.pop(seq, None)

    def _put(self, message: Message) -> None:
        home = self._home(message.state)
        if message.seq not in home:
            self._take(message.seq)
        home[message.seq] = message
        if home is self._waiting and next(reversed(home)) == message.seq < self._seq:
            self._waiting = dict(sorted(home.items()))

    def purge(self, domain: str, before_us: int) -> int:
        """Forget rows that are done or refused and older."""
        old = [
            m.seq
            for m in self._over.values()
            if m.domain == domain and m.at_us < before_us and m.state != "dead"
        ]
        for seq in old:
            del self._over[seq]
        return len(old)

    def settle_step(self, step: Step) -> Callable[[], object]:
        """Write how the delivery went that ``step`` completes."""
        state, error = settled_state(step.outcome)
        return self.settle(step.settles, state, error, 0)

    def park(self, step: Step) -> Callable[[], object]:
        """Keep a failed event and return what takes it back."""
        key = (step.domain, step.entity, step.outcome.event.id)
        self._parked[key] = step
        return lambda: self._parked.pop(key, None)

    def parked(self, domain: str, entity: str | None) -> list[Parked]:
        """Return the parked events, oldest first."""
        return [
            Parked(
                step.domain,
                step.entity,
                step.outcome.event.id,
                step.outcome.event,
                step.outcome.errors,
                step.outcome.now_us,
                step.program,
            )
            for (d, e, _), step in self._parked.items()
            if d == domain and entity in (None, e)
        ]

    def unpark(self, domain: str, entity: str, event_id: str) -> bool:
        """Drop a parked event; False if there is none."""
        return self._parked.pop((domain, entity, event_id), None) is not None
