"""Messages between entities: drained first in, first out, before the next input (design, 6.6).

Several processes drain one outbox, each what it has sent. What one has sent from an entity goes
before what another one has sent later from it, whoever hands it over; the receiver hears it once.
"""

from __future__ import annotations

import random
from collections import deque
from typing import TYPE_CHECKING

from casewright.case import Outcome, Problem
from casewright.errors import EventError, HostError
from casewright.runtime.messages import REFUSED, event_of, refusal_of
from casewright.store.outbox import CASE, settled_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.runtime.runner import Runner
    from casewright.store import CaseStore, Message


class Post:
    """Takes messages from the outbox to the cases that they are for.

    Args:
        runner: steps the receivers.
        store: knows what was on its way when the process ended.
        shuffle: seed of another order, which keeps only what hosts promise: that of messages from
            one sender to one receiver.
    """

    def __init__(self, runner: Runner, store: CaseStore, shuffle: int | None = None) -> None:
        self._runner = runner
        self._store = store
        self._queue: deque[Message] | None = None
        self._order = None if shuffle is None else random.Random(shuffle)  # noqa: S311  no secret

    def drain(self) -> None:
        """Deliver until nothing between cases is on its way."""
        if self._queue is None:
            self._queue = deque(self._store.messages(self._runner.domain, "pending", CASE))
            self._runner.sent.clear()
        while True:
            if self._runner.sent:
                self._queue.extend(m for m in self._runner.sent if m.destination == CASE)
                self._runner.sent.clear()
            if not self._queue:
                return
            turn = 0 if self._order is None else self._order.choice(_first_in_line(self._queue))
            message = self._queue[turn]
            for earlier in self._store.before(message):  # which another process has not come to
                self._deliver_or_bury(earlier)
            self._deliver_or_bury(message)
            del self._queue[turn]

    def look_again(self) -> None:
        """Take up what another process has left lying, at the next drain."""
        if not self._queue:
            self._queue = None

    def forget(self) -> None:
        """Look again at what is on its way, since a transaction was undone."""
        self._queue = None
        self._runner.sent.clear()

    def _deliver_or_bury(self, message: Message) -> None:
        """Deliver a message; one that a program cannot stand must not hold up all others."""
        try:
            self._deliver(message)
        except HostError:
            raise
        except Exception as err:  # noqa: BLE001, RUF100  kept in the row, where operators look
            self._store.settle(message.seq, "dead", f"{type(err).__name__}: {err}")

    def _deliver(self, message: Message) -> None:
        refusals: list[str] = []
        is_settled = False
        for receiver in self._receivers(message):
            outcome, is_settled = self._hand_over(message, receiver)
            state, error = settled_state(outcome)
            if state == "refused":
                refusals.append(f"{receiver}: {error}")
                self._tell_sender(message, receiver, outcome)
        if not is_settled:
            state = "refused" if refusals else "done"
            self._store.settle(message.seq, state, "; ".join(refusals))

    def _receivers(self, message: Message) -> tuple[str, ...]:
        """Return the ids of the receivers; of a whole related list those it had at the time."""
        name = message.effect.to_list
        if name is None:
            return message.effect.to
        return self._runner.children(message.case, message.case_type, name, message.at_us)

    def _hand_over(self, message: Message, receiver: str) -> tuple[Outcome, bool]:
        """Return what the receiver makes of it, and whether that step has settled the message."""
        effect = message.effect
        is_only = len(effect.to) == 1 and effect.to_list is None
        event = event_of(message, receiver, effect.id if is_only else f"{effect.id}/{receiver}")
        try:
            outcome = self._runner.handle(event, message.seq if is_only else 0)[-1]
        except EventError as err:
            problem = Problem("unknown", err.message, err.path)
            return Outcome("rejected", None, event, message.at_us, errors=(problem,)), False
        return outcome, is_only and outcome.status not in ("duplicate", "id_reused")

    def _tell_sender(self, message: Message, receiver: str, outcome: Outcome) -> None:
        event_type = message.effect.if_refused
        if not event_type or outcome.status not in REFUSED:
            return
        self._runner.handle(refusal_of(message, event_type, receiver, outcome))


def _first_in_line(queue: Sequence[Message]) -> list[int]:
    """Return the places of the messages that no earlier one of the same sender goes before."""
    served: set[tuple[str, str]] = set()
    found: list[int] = []
    for place, message in enumerate(queue):
        ways = {(message.case, receiver) for receiver in message.effect.to}
        if not ways & served:
            found.append(place)
        served |= ways
    return found
