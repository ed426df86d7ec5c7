"""The engine for hosts on asyncio: the same calls, each in a worker thread.

A step takes microseconds and a commit a fraction of a millisecond, so there is nothing to gain from
an asynchronous core; what matters is that the event loop is never held up by the disk. Calls are
taken one at a time, in the order in which their threads get the engine's lock: a host that needs
the events of a case in order awaits one before it sends the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

from casewright.runtime.engine import Engine

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime
    from pathlib import Path

    from casewright.case import Actor, Case, Event, Outcome, Window
    from casewright.program.why import RuleVerdict
    from casewright.program.why_other import ElementVerdict
    from casewright.program.why_watch import PatternVerdict
    from casewright.program.why_window import WindowVerdict
    from casewright.runtime.reload import ReloadReport
    from casewright.sla.figures import ClockFigures
    from casewright.sla.timeline import Timeline
    from casewright.store import CaseFilter
    from casewright.views.indicators import Figure


P = ParamSpec("P")
R = TypeVar("R")


async def _in_thread(call: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
    import asyncio  # what the rest of the package does without is imported late

    return await asyncio.to_thread(call, *args, **named)


class AsyncEngine:
    """An engine whose calls are awaited.

    Args:
        engine: what does the work; it may be used directly too.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    async def open(
        cls, paths: str | Path | Sequence[str | Path], *args: Any, **options: Any
    ) -> Self:
        """Return an engine over the packs at ``paths``; arguments as of ``Engine.open``."""
        return cls(await _in_thread(Engine.open, paths, *args, **options))

    async def handle(self, event: Event) -> Outcome:
        """Return what an event came to."""
        return await _in_thread(self.engine.handle, event)

    async def create(
        self,
        case_type: str,
        data: Mapping[str, Any] | None = None,
        *,
        actor: Actor,
        **envelope: Any,
    ) -> Outcome:
        """Return what the creation of a case came to."""
        return await _in_thread(self.engine.create, case_type, data, actor=actor, **envelope)

    async def send(
        self,
        case: str | None,
        event: str,
        data: Mapping[str, Any] | None = None,
        *,
        actor: Actor,
        **envelope: Any,
    ) -> Outcome:
        """Return what an event on a case, or a signal, came to."""
        return await _in_thread(self.engine.send, case, event, data, actor=actor, **envelope)

    async def update(
        self, case: str, fields: Mapping[str, Any], *, actor: Actor, **envelope: Any
    ) -> Outcome:
        """Return what an update of fields came to."""
        return await self.send(case, "update", fields, actor=actor, **envelope)

    async def comment(self, case: str, text: str, *, actor: Actor, **envelope: Any) -> Outcome:
        """Return what a comment came to."""
        return await self.send(case, "comment", {"text": text}, actor=actor, **envelope)

    async def run_due(self, now: datetime | None = None) -> list[Outcome]:
        """Return the outcomes of all timers that are due."""
        return await _in_thread(self.engine.run_due, now)

    async def deliver(self) -> int:
        """Hand messages to channels and calls to actions; return how many went through."""
        return await _in_thread(self.engine.deliver)

    async def get(self, case: str) -> Case | None:
        """Return a case as it is now, or None."""
        return await _in_thread(self.engine.get, case)

    async def cases(self, where: CaseFilter | None = None) -> list[Case]:
        """Return the cases that ``where`` selects."""
        return await _in_thread(self.engine.cases, where)

    async def window(self, correlation: str, key: object) -> Window | None:
        """Return the window of a correlation for one value of its key, or None."""
        return await _in_thread(self.engine.window, correlation, key)

    async def windows(self, correlation: str = "") -> list[Window]:
        """Return the windows of a correlation; of all without a name."""
        return await _in_thread(self.engine.windows, correlation)

    async def allowed_actions(self, case: str, actor: Actor) -> Sequence[Any]:
        """Return each action that the case knows now, with the reasons that block it."""
        return await _in_thread(self.engine.allowed_actions, case, actor)

    async def why(self, case: str, event: str, rule: str | None = None) -> list[RuleVerdict]:
        """Return why each rule that could have acted on an event fired in its step, or did not."""
        return await _in_thread(self.engine.why, case, event, rule)

    async def why_observed(
        self, case: str, event: str, correlation: str | None = None
    ) -> list[PatternVerdict]:
        """Return for each pattern whether a window was told of an event, and why."""
        return await _in_thread(self.engine.why_observed, case, event, correlation)

    async def why_transition(self, case: str, event: str, transition: str) -> ElementVerdict:
        """Return why a transition was taken at an event, or was not."""
        return await _in_thread(self.engine.why_transition, case, event, transition)

    async def why_notification(self, case: str, event: str, notification: str) -> ElementVerdict:
        """Return why a notification was sent at an event, or was not."""
        return await _in_thread(self.engine.why_notification, case, event, notification)

    async def why_signal(self, signal: Event) -> list[PatternVerdict]:
        """Return for each pattern that listens whether a signal would be observed, and why."""
        return await _in_thread(self.engine.why_signal, signal)

    async def why_window(self, window: str, event: str = "") -> WindowVerdict:
        """Return why a window fired at an event, or did not: what each of its patterns lacks."""
        return await _in_thread(self.engine.why_window, window, event)

    async def forecast(
        self, case: str, events: Iterable[Event] = (), *, until: datetime | None = None
    ) -> list[Outcome]:
        """Return what events, and time, would come to; nothing is stored."""
        return await _in_thread(self.engine.forecast, case, events, until=until)

    async def timeline(
        self, case: str, sla: str, events: Iterable[Event] = (), *, at: datetime | None = None
    ) -> list[Timeline]:
        """Return each instance of a clock, oldest first: what counted, what did not, and why."""
        return await _in_thread(self.engine.timeline, case, sla, events, at=at)

    async def report(
        self,
        by: str | None = None,
        where: CaseFilter | None = None,
        *,
        at: datetime | None = None,
    ) -> list[ClockFigures]:
        """Return how the clocks of many cases stand, a line for each group and clock."""
        return await _in_thread(self.engine.report, by, where, at=at)

    async def indicator(
        self, name: str, *, actor: Actor | None = None, at: datetime | None = None
    ) -> list[Figure]:
        """Return the figures of an indicator of ``views``."""
        return await _in_thread(self.engine.indicator, name, actor=actor, at=at)

    async def reload(self) -> ReloadReport:
        """Read the specs again."""
        return await _in_thread(self.engine.reload)

    def watching(
        self, report: Callable[[ReloadReport], object] | None = None
    ) -> AbstractAsyncContextManager[None]:
        """Reload whenever a file of the specs changes, while inside ``async with``."""
        return self.engine.watching(report)

    async def work(self, stop: asyncio.Event, every_s: float = 1.0) -> None:
        """Run timers and deliver messages until ``stop`` is set.

        Args:
            stop: ends the loop.
            every_s: longest wait between two rounds.
        """
        import asyncio

        while not stop.is_set():
            await self.run_due()
            await self.deliver()
            try:
                await asyncio.wait_for(stop.wait(), every_s)
            except TimeoutError:
                continue

    async def close(self) -> None:
        """Stop watching and close the store."""
        await _in_thread(self.engine.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
