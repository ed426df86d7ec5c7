"""The outbox on its way out: channels and actions, retries, dead letters, answers to calls.

At least once, in order per (case, destination). A row is leased, handed over without any lock, and
settled; a process that dies meanwhile leaves it to the next one once the lease is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.case import SYSTEM, Cause, Event
from casewright.host import Call, Channel, Delivery, Host, HostAction, Undeliverable
from casewright.temporal import to_us

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.case import OpenCall
    from casewright.runtime.engine import Engine
    from casewright.store import Message

SECOND_US = 1_000_000


class Deliveries:
    """Takes messages out of the outbox.

    Args:
        engine: whose outbox it is.
        host: channels and actions.
    """

    def __init__(self, engine: Engine, host: Host) -> None:
        self.host = host
        self._engine = engine

    def deliver(self) -> int:
        """Deliver all that may go now, and return how many went through."""
        count = 0
        while claimed := self._claim():
            count += sum(self._delivered(message) for message in claimed)
        return count

    def _claim(self) -> list[Message]:
        engine = self._engine
        settings = engine.settings
        with engine.lock:
            served = [
                d for d in engine.store.destinations(engine.domain) if self._way(d) is not None
            ]
            if not served:
                return []
            now_us = to_us(engine.clock.now())
            return engine.store.claim(
                engine.domain, served, now_us, int(settings.lease_s * SECOND_US)
            )

    def _way(self, destination: str) -> Channel | HostAction | None:
        kind, _, name = destination.partition("/")
        if kind == "action":
            return next((a for a in self.host.actions if a.name == name and a.run), None)
        channels = self.host.channels
        return channels.get(name) or channels.get(kind) or channels.get("default")

    def _delivered(self, message: Message) -> bool:
        way = self._way(message.destination)
        try:
            if isinstance(way, HostAction):
                self._call(way, message)
            elif way is not None:
                way.deliver(self._delivery(message))
                self._settle(message, "done")
        except Undeliverable as err:
            self._give_up(message, str(err))
        except Exception as err:  # noqa: BLE001, RUF100  a channel may raise anything; it is kept in the row
            self._failed(message, f"{type(err).__name__}: {err}")
        else:
            return True
        return False

    def _delivery(self, message: Message) -> Delivery:
        effect = message.effect
        subject = body = ""
        if effect.kind == "notification":
            try:
                rendered = self._engine.program_of(message.program).render(effect)
            except Exception as err:
                raise Undeliverable(f"{effect.name} cannot be rendered: {err}") from err
            subject, body = rendered.subject, rendered.body
        return Delivery(
            effect.id,
            message.case,
            message.destination.partition("/")[2],
            effect.kind,
            effect.name,
            effect.to,
            subject,
            body,
            effect.data,
            message.attempts + 1,
        )

    def _failed(self, message: Message, error: str) -> None:
        settings, attempts = self._engine.settings, message.attempts + 1
        if attempts >= settings.attempts:
            self._give_up(message, error)
            return
        wait_s = min(settings.retry_s * 2 ** (attempts - 1), settings.retry_most_s)
        now_us = to_us(self._engine.clock.now())
        with self._engine.lock:
            retry_us = now_us + int(wait_s * SECOND_US)
            self._engine.store.settle(message.seq, "pending", error, retry_us)

    def _give_up(self, message: Message, error: str) -> None:
        habits = (message.effect.data.get("on_dead"), self._engine.settings.on_dead)
        self._settle(message, "stuck" if "block" in habits else "dead", error)
        if message.effect.kind == "call":
            self._engine.answer(message.case, message.effect.id, {"message": error}, is_error=True)

    def _settle(self, message: Message, state: Any, error: str = "") -> None:
        with self._engine.lock:
            self._engine.store.settle(message.seq, state, error)

    # calls

    def _call(self, action: HostAction, message: Message) -> None:
        effect = message.effect
        if self._open_call(message.case, effect.id) is None:
            self._settle(message, "refused", "the call has ended")
            return
        call = Call(effect.id, action.name, message.case, effect.data, message.attempts + 1)
        answer = action.run(call) if action.run is not None else None
        if answer is not None:
            self._engine.answer(message.case, effect.id, answer)
        self._settle(message, "done")

    def answer_event(
        self, case: str, call: str, data: Mapping[str, Any], *, is_error: bool
    ) -> Event | None:
        """Return the event that answers an open call; None if it has ended or wants no answer."""
        found = self._open_call(case, call)
        event_type = None if found is None else found.error if is_error else found.result
        entity = self._engine.get(case)
        if event_type is None or entity is None:
            return None
        kept = dict(data)
        if is_error and not self._declares(entity.case_type, event_type, "message"):
            kept.pop("message", None)
        cause = Cause(call, "call", SYSTEM.id)
        return Event(event_type, call, case, actor=SYSTEM, data=kept, caused_by=cause)

    def _open_call(self, case: str, call: str) -> OpenCall | None:
        entity = self._engine.get(case)
        return None if entity is None else next((c for c in entity.calls if c.id == call), None)

    def _declares(self, case_type: str, event_type: str, name: str) -> bool:
        facts = self._engine.program.case_type(case_type)
        return name in facts.event_data.get(event_type, {})
