"""Messages between cases: drained first in, first out, before the next input (design, 6.6)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from casewright.case import Outcome, Problem
from casewright.errors import EventError
from casewright.runtime.messages import REFUSED, event_of, refusal_of
from casewright.store.outbox import CASE, settled_state

if TYPE_CHECKING:
    from casewright.runtime.runner import Runner
    from casewright.store import CaseStore, Message


class Post:
    """Takes messages from the outbox to the cases that they are for.

    Args:
        runner: steps the receivers.
        store: knows what was on its way when the process ended.
    """

    def __init__(self, runner: Runner, store: CaseStore) -> None:
        self._runner = runner
        self._store = store
        self._queue: deque[Message] | None = None

    def drain(self) -> None:
        """Deliver until nothing between cases is on its way."""
        if self._queue is None:
            self._queue = deque(self._store.messages("pending", CASE))
            self._runner.sent.clear()
        while True:
            if self._runner.sent:
                self._queue.extend(m for m in self._runner.sent if m.destination == CASE)
                self._runner.sent.clear()
            if not self._queue:
                return
            self._deliver(self._queue[0])
            self._queue.popleft()

    def forget(self) -> None:
        """Look again at what is on its way, since a transaction was undone."""
        self._queue = None
        self._runner.sent.clear()

    def _deliver(self, message: Message) -> None:
        refusals: list[str] = []
        is_settled = False
        for receiver in message.effect.to:
            outcome, is_settled = self._hand_over(message, receiver)
            state, error = settled_state(outcome)
            if state == "refused":
                refusals.append(f"{receiver}: {error}")
                self._tell_sender(message, receiver, outcome)
        if not is_settled:
            state = "refused" if refusals else "done"
            self._store.settle(message.seq, state, "; ".join(refusals))

    def _hand_over(self, message: Message, receiver: str) -> tuple[Outcome, bool]:
        """Return what the receiver makes of it, and whether that step has settled the message."""
        effect = message.effect
        is_only = len(effect.to) == 1
        event = event_of(message, receiver, effect.id if is_only else f"{effect.id}/{receiver}")
        try:
            outcome = self._runner.handle(event, message.seq if is_only else 0)[-1]
        except EventError as err:
            problem = Problem("unknown", err.message, err.path)
            return Outcome("rejected", None, event, message.at_us, errors=(problem,)), False
        return outcome, is_only and outcome.status not in ("duplicate", "id_reused")

    def _tell_sender(self, message: Message, receiver: str, outcome: Outcome) -> None:
        event_type = getattr(message.effect, "if_refused", None)
        if not event_type or outcome.status not in REFUSED:
            return
        self._runner.handle(refusal_of(message, event_type, receiver, outcome))
