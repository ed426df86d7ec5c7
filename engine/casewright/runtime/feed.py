"""JSON-lines events into an engine, JSON-ready outcomes out of it: what ``run`` does.

The events own the clock. What is due between two of them runs in between, in the order of the due
instants, and messages between cases are delivered before the next event, so that the same lines
give the same output, byte for byte.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from casewright.errors import EventError
from casewright.runtime.clock import VirtualClock
from casewright.runtime.lines import event_of_line, line_of, malformed
from casewright.store import CaseFilter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from casewright.case import Event, Outcome
    from casewright.runtime.engine import Engine

Output = dict[str, Any]


def feed(
    engine: Engine, lines: Iterable[bytes | str], until: datetime | None = None
) -> Iterator[Output]:
    """Yield the outcome of each line, and of each timer and message in between.

    Events are handled in batches, each of one transaction, and come out once it is durable.

    Args:
        engine: with a virtual clock.
        lines: JSON objects; empty lines are passed over. A case may be named by its number, where
            no case has this id.
        until: timers due at or before it run after the last line.

    Raises:
        TypeError: the engine's clock moves by itself.
        HostError: the store failed.
    """
    clock = engine.clock
    if not isinstance(clock, VirtualClock):
        raise TypeError("feed needs an engine with a VirtualClock: the events own the clock")
    source = (line.encode() if isinstance(line, str) else line for line in lines)
    feeder = _Feeder(engine, clock)
    while chunk := list(islice(source, engine.settings.batch)):
        for outputs in engine.batched(chunk, feeder.line):
            yield from outputs
    if until is not None:
        yield from feeder.advanced(until)


class _Feeder:
    """Works on one line; may be asked for the same line twice if its batch is undone."""

    def __init__(self, engine: Engine, clock: VirtualClock) -> None:
        self._engine = engine
        self._clock = clock

    def line(self, line: bytes) -> list[Output]:
        """Return all that came of one line."""
        if not line.strip():
            return []
        outputs: list[Output] = []
        end = self._engine.overhear(lambda outcome: outputs.append(self._output(outcome)))
        try:
            event = event_of_line(line)
            self._move(event)
            outcome = self._engine.handle(self._aimed(event))
        except EventError as err:
            outputs.append(malformed(line, err))
        else:
            if outcome.status in ("duplicate", "id_reused"):
                outputs.append(self._output(outcome))
        finally:
            end()
        return outputs

    def _move(self, event: Event) -> None:
        """Let the event move the clock, and what is due by then run."""
        if event.time is not None:
            self._engine.run_due(event.time)
            self._clock.move_to(event.time)
        elif not self._clock.now().timestamp():
            raise EventError("the first event needs a time, since events own the clock", "time")

    def _aimed(self, event: Event) -> Event:
        """Return the event with the id of its case, which may be given by its number."""
        if event.type == "create" or not event.case or self._engine.get(event.case) is not None:
            return event
        numbered = self._engine.cases(CaseFilter(number=event.case, limit=2))
        return replace(event, case=numbered[0].id) if len(numbered) == 1 else event

    def advanced(self, until: datetime) -> list[Output]:
        """Return all that comes of the timers due at or before ``until``."""
        outputs: list[Output] = []
        end = self._engine.overhear(lambda outcome: outputs.append(self._output(outcome)))
        try:
            self._engine.run_due(until)
        finally:
            end()
        self._clock.move_to(until)
        return outputs

    def _output(self, outcome: Outcome) -> Output:
        return line_of(outcome, self._engine.program)
