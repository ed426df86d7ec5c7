"""The engine: a program, a store and a clock, put together for a host.

Everything that a host calls is here or forwarded from here. Calls may come from several threads;
they are taken one at a time. Rejections and failures are outcomes, never exceptions.
"""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any, Self, TypeVar

from msgspec import structs

from casewright.case import Event
from casewright.host import Host, HostAction
from casewright.runtime.delivery import Deliveries
from casewright.runtime.explaining import Explaining
from casewright.runtime.replay import Replay
from casewright.temporal import to_us

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime
    from pathlib import Path

    from casewright.case import Actor, Outcome
    from casewright.host import ActionBody
    from casewright.rules.networks.choosing import Wanted
    from casewright.runtime.clock import Clock
    from casewright.runtime.records import Records
    from casewright.runtime.reload import ReloadReport, Watcher
    from casewright.runtime.settings import RuntimeSettings
    from casewright.runtime.stepper import Stepper
    from casewright.store import CaseStore, Parked

Item = TypeVar("Item")
Result = TypeVar("Result")


class Engine(Explaining):
    """Runs cases of one domain.

    Args:
        program: compiled specs.
        store: a store, or its URL; in memory where left out.
        clock: who says what time it is; the machine's where left out.
        host: actions and channels; functions were bound when the program was compiled.
        records: reference data; the rows of the packs, and what is put beside them, by default.
        settings: limits and habits.
        leave_behind: take the program though cases in the store cannot follow it.

    Raises:
        Stranded: they cannot, and are not to be left behind.

    Attributes:
        store, clock, records, settings: as given.
        domain: the program's tenant.
        lock: held while the store is used.
    """

    def __init__(
        self,
        program: Stepper,
        store: CaseStore | str | None = None,
        clock: Clock | None = None,
        *,
        host: Host | None = None,
        records: Records | None = None,
        settings: RuntimeSettings | None = None,
        leave_behind: bool = False,
    ) -> None:
        super().__init__(
            program,
            store,
            clock,
            records=records,
            settings=settings,
            leave_behind=leave_behind,
        )
        self._deliveries = Deliveries(self, host or Host())
        self._replay = Replay(self, self._runner.programs)

    @classmethod
    def open(
        cls,
        paths: str | Path | Sequence[str | Path],
        store: CaseStore | str | None = None,
        clock: Clock | None = None,
        *,
        host: Host | None = None,
        records: Records | None = None,
        settings: RuntimeSettings | None = None,
        domain: str = "",
        pack_settings: Mapping[str, Mapping[str, Any]] | None = None,
        leave_behind: bool = False,
        network: Wanted = "auto",
    ) -> Self:
        """Return an engine over the packs at ``paths``, which it can reload.

        Args:
            paths: packs, folders of packs or files.
            store: ``memory``, ``sqlite:///cases.db``, a store, or None for memory.
            clock: the machine's where left out.
            host: functions, actions and channels.
            records: reference data.
            settings: limits and habits of the runtime.
            domain: the tenant.
            pack_settings: values by pack and name, instead of the packs' defaults.
            leave_behind: take the program though cases in the store cannot follow it.
            network: what brings the facts of rules together: ``auto`` takes ``durable-rules`` for
                several facts where it is installed, ``native`` never does, ``durable`` whenever it
                can. What rules do is the same.

        Raises:
            SpecError: with every mistake in the specs.
            HostError: the store cannot be opened; ``Stranded`` if its cases cannot follow.
            ValueError: ``durable`` is wanted and not installed.
        """
        several = [paths] if isinstance(paths, (str, PathLike)) else list(paths)

        def compiled() -> Stepper:
            from casewright.program import compile_packs

            return compile_packs(
                several, host, settings=pack_settings, domain=domain, network=network
            )

        engine = cls(
            compiled(),
            store,
            clock,
            host=host,
            records=records,
            settings=settings,
            leave_behind=leave_behind,
        )
        engine._specs.come_from(several, compiled)
        return engine

    # events

    def create(
        self,
        case_type: str,
        data: Mapping[str, Any] | None = None,
        *,
        actor: Actor,
        **envelope: Any,
    ) -> Outcome:
        """Return what the creation of a case came to.

        Args:
            case_type: qualified, or bare where that is clear.
            data: fields by name.
            actor: who asks.
            envelope: further attributes of ``Event``: ``id``, ``case``, ``service``, ...
        """
        made = Event("create", case_type=case_type, actor=actor, data=dict(data or {}))
        return self.handle(structs.replace(made, **envelope))

    def send(
        self,
        case: str | None,
        event: str,
        data: Mapping[str, Any] | None = None,
        *,
        actor: Actor,
        **envelope: Any,
    ) -> Outcome:
        """Return what an event on a case, or a signal, came to.

        Args:
            case: id of the case; None for a signal.
            event: its type, or the signal's name.
            data: fields and declared data by name.
            actor: who asks.
            envelope: further attributes of ``Event``: ``id``, ``expected``, ``occurred``, ...
        """
        made = Event(event, case=case or "", actor=actor, data=dict(data or {}))
        return self.handle(structs.replace(made, **envelope))

    def update(
        self, case: str, fields: Mapping[str, Any], *, actor: Actor, **envelope: Any
    ) -> Outcome:
        """Return what an update of fields came to."""
        return self.send(case, "update", fields, actor=actor, **envelope)

    def comment(self, case: str, text: str, *, actor: Actor, **envelope: Any) -> Outcome:
        """Return what a comment came to."""
        return self.send(case, "comment", {"text": text}, actor=actor, **envelope)

    def work_note(self, case: str, text: str, *, actor: Actor, **envelope: Any) -> Outcome:
        """Return what a work note came to."""
        return self.send(case, "work_note", {"text": text}, actor=actor, **envelope)

    # forgetting

    def erase(self, case: str, fields: Sequence[str]) -> int:
        """Take values out of a case's journal, and return how many entries had them.

        The hash chain still holds. The case itself is not changed: clear its fields by an event.

        Args:
            case: id of the case.
            fields: names of fields, also of records that were read; ``comments`` and
                ``work_notes`` mean their texts.
        """
        with self.lock:
            return self.store.erase(self.domain, case, fields, self.program)

    def delete(self, case: str) -> bool:
        """Forget a case and its journal; False if there is none.

        Its timers end and its id is never given again. Messages that it has sent still go out.
        """
        with self.lock:
            return self.store.delete(self.domain, case)

    def purge(self, before: datetime) -> int:
        """Forget messages that were delivered or refused and are older than an instant.

        Returns:
            How many; what waits, and dead letters, stay.
        """
        with self.lock:
            return self.store.purge(self.domain, to_us(before))

    # what waits

    def parked(self, case: str | None = None) -> list[Parked]:
        """Return the failed events that wait for an operator, oldest first."""
        with self.lock:
            return self.store.parked(self.domain, self.program, case)

    def retry(self, parked: Parked, event: Event | None = None) -> Outcome:
        """Return what a parked event comes to now, or the one that it was edited into."""
        with self.lock:
            outcome = self._runner.handle(event or parked.event)[-1]
            self._post.drain()
            return outcome

    def drop(self, parked: Parked) -> None:
        """Forget a parked event."""
        with self.lock:
            self.store.unpark(self.domain, parked.entity, parked.event_id)

    def deliver(self) -> int:
        """Hand messages to channels and calls to actions; return how many went through.

        What fails is tried again by a later call, after a wait. Nothing is locked meanwhile.
        """
        return self._deliveries.deliver()

    def answer(
        self, case: str, call: str, data: Mapping[str, Any], *, is_error: bool = False
    ) -> Outcome | None:
        """Return what the answer to an open call came to; None if the call has ended.

        Args:
            case: id of the case that called.
            call: the call id.
            data: of the event that the call's ``result`` (or ``error``) names.
            is_error: whether the action has failed.
        """
        with self.lock:
            event = self._deliveries.answer_event(case, call, data, is_error=is_error)
            return None if event is None else self.handle(event)

    def action(
        self,
        name: str,
        takes: Mapping[str, str] | None = None,
        returns: Mapping[str, str] | None = None,
    ) -> Callable[[ActionBody], ActionBody]:
        """Return a decorator that makes a function do the action ``name``.

        To have specs checked against ``takes`` and ``returns``, declare the action in ``Host``.
        """

        def register(run: ActionBody) -> ActionBody:
            declared = HostAction(name, dict(takes or {}), dict(returns or {}), run)
            self._deliveries.host += Host(actions=(declared,))
            return run

        return register

    # programs

    def reload(self, *, leave_behind: bool = False) -> ReloadReport:
        """Read the specs again; a valid program takes effect between two steps.

        An invalid one is reported, and the program that runs stays; so is one that cases cannot
        follow. A case goes over with its next event or timer, or by ``adopt``.

        Args:
            leave_behind: take the program though cases cannot follow it; they stay on their own.

        Raises:
            ValueError: the engine was not opened from paths.
            HostError: the store failed.
        """
        return self._specs.reload(leave_behind=leave_behind)

    @property
    def reload_status(self) -> ReloadReport | None:
        """Return the last report, or None before the first reload."""
        return self._specs.status

    def watch(self, report: Callable[[ReloadReport], object] | None = None) -> Watcher:
        """Reload in a background thread whenever a file of the specs changes.

        Args:
            report: called with the outcome of each reload.

        Returns:
            A watcher; call ``stop`` or leave its ``with`` block.

        Raises:
            ValueError: the engine was not opened from paths.
        """
        return self._specs.watch(report)

    def watching(
        self, report: Callable[[ReloadReport], object] | None = None
    ) -> AbstractAsyncContextManager[None]:
        """Reload whenever a file of the specs changes, while inside ``async with``."""
        return self._specs.watching(report)

    # the end

    def close(self) -> None:
        """Stop watching and close the store."""
        self._specs.stop()
        with self.lock:
            self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
