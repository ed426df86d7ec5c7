"""The core of the engine: one lock around program, store and clock, and what happens under it.

Events are handled, timers run, messages drained, programs changed here; what a host finds
convenient beside that is in ``engine``.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from casewright.errors import HostError
from casewright.runtime import admission
from casewright.runtime.clock import SystemClock
from casewright.runtime.numbers import Numbers
from casewright.runtime.post import Post
from casewright.runtime.records import RecordTables
from casewright.runtime.reload import Specs, Stranded, stranded_by
from casewright.runtime.runner import Runner
from casewright.runtime.settings import RuntimeSettings
from casewright.runtime.signals import Signals
from casewright.store import CaseFilter, open_store
from casewright.temporal import from_us, to_us

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from casewright.case import Case, Event, Outcome
    from casewright.runtime.clock import Clock
    from casewright.runtime.records import Records
    from casewright.runtime.stepper import Stepper
    from casewright.store import CaseStore, Due

Item = TypeVar("Item")
Result = TypeVar("Result")


class Core:
    """Steps the cases of one domain; takes one call at a time.

    Args:
        program: compiled specs.
        store: a store, or its URL; in memory where left out.
        clock: who says what time it is; the machine's where left out.
        records: reference data; the rows of the packs, and what is put beside them, by default.
        settings: limits and habits.
        leave_behind: take the program though cases in the store cannot follow it.

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
        records: Records | None = None,
        settings: RuntimeSettings | None = None,
        leave_behind: bool = False,
    ) -> None:
        self.store = open_store(store) if store is None or isinstance(store, str) else store
        self.clock: Clock = clock or SystemClock()
        self.settings = settings or RuntimeSettings()
        self.domain = program.domain
        self.records: Records = records if records is not None else RecordTables()
        self.lock = threading.RLock()
        self._numbers = Numbers(self.store, self.domain, self.settings.number_block)
        self._runner = Runner(
            program, self.store, self.records, self._numbers, self.domain, self.settings
        )
        self._observers: list[Callable[[Outcome], object]] = []
        self._held: list[Outcome] | None = None
        self._runner.heard.append(self._tell)
        self._post = Post(self._runner, self.store, self.settings.shuffle)
        self._signals = Signals(self._runner, self._handed_over)
        self._specs = Specs(self._activate)
        self._runner.follow = self._specs.follow
        self._activate(program, leave_behind=leave_behind)

    # events

    def handle(self, event: Event) -> Outcome:
        """Return what an event came to, once it and all messages that it caused are durable.

        Timers of its case that are due run first. The id makes it idempotent: the same again is
        ``duplicate``. A signal names no case: it goes to the windows that listen.

        Args:
            event: ``time`` is stamped where it is None; an ``id`` is made where it is empty.

        Raises:
            EventError: the envelope can be judged against no case.
            HostError: the store or another port failed; nothing is changed.
        """
        with self.lock:
            ahead_s = None if self.clock.is_owned else self.settings.ahead_s
            admitted = admission.admitted(
                event, self.domain, self.clock.now(), ahead_s, self._signals.known
            )
            self._post.drain()
            if admitted.case:
                outcome = self._runner.handle(admitted)[-1]
            else:
                outcome = self._signals.receive(admitted)
            self._post.drain()
            return outcome

    def run_due(self, now: datetime | None = None) -> list[Outcome]:
        """Return the outcomes of all timers due at or before ``now``, by the clock if left out.

        Where the host owns the clock each timer runs at its instant, in order over all cases;
        elsewhere a case's timers run together, and know how late they are.

        Raises:
            ValueError: ``now`` is naive.
        """
        ran: list[Outcome] = []
        with self.lock:
            until_us = to_us(now or self.clock.now())
            if not self.clock.is_owned:
                self._post.look_again()
            self._post.drain()
            stuck: dict[str, None] = {}
            fault: Exception | None = None
            while due := self._due(until_us, stuck):
                try:
                    ran += self._runner.advance(
                        due.entity, due.due_us if self.clock.is_owned else until_us
                    )
                except HostError:
                    raise
                except Exception as err:  # noqa: BLE001, RUF100  raised once all others have run
                    fault = fault or err
                after = self._runner.entity(due.entity)
                if after is not None and after.next_due_us == due.due_us:
                    stuck[due.entity] = None  # failed, and parked where that can be seen
                self._post.drain()
        if fault is not None:
            raise fault
        return ran

    def _due(self, until_us: int, without: Collection[str]) -> Due | None:
        due = self.store.due(self.domain, until_us, len(without) + 1)
        return next((d for d in due if d.entity not in without), None)

    def next_due(self) -> datetime | None:
        """Return when ``run_due`` has something to do next, or None."""
        with self.lock:
            due_us = self.store.next_due(self.domain)
        return None if due_us is None else from_us(due_us)

    def batched(self, items: Sequence[Item], work: Callable[[Item], Result]) -> list[Result]:
        """Return what ``work`` makes of each item, in one transaction if that goes through.

        If it does not, because another writer was first or an item fails, the items are worked
        on again one by one; ``work`` must stand that.
        """
        with self.lock:
            self._post.drain()
            held: list[Outcome] = []
            self._held = held
            try:
                with self.store.batch():
                    results = [work(item) for item in items]
            except Exception:  # noqa: BLE001, RUF100  the item at fault raises again below
                self._numbers.forget()
                self._post.forget()
            else:
                self._held = None
                for outcome in held:
                    self._tell(outcome)
                return results
            finally:
                self._held = None
            return [work(item) for item in items]

    def _handed_over(self, observed: Sequence[Event]) -> list[Outcome]:
        """Return what windows make of the observations of a signal: of all of them, or none."""
        if len(observed) == 1 or self._held is not None:
            return [self._runner.handle(event)[-1] for event in observed]
        return self.batched(observed, lambda event: self._runner.handle(event)[-1])

    def get(self, case: str) -> Case | None:
        """Return a case as it is now, or None."""
        with self.lock:
            return self._runner.case(case)

    def observe(self, hear: Callable[[Outcome], object]) -> Callable[[], None]:
        """Have ``hear`` called with each outcome once it is durable; return what ends that."""
        self._observers.append(hear)
        return lambda: self._observers.remove(hear)

    def overhear(self, hear: Callable[[Outcome], object]) -> Callable[[], None]:
        """Have ``hear`` called with each outcome as soon as it is written; return what ends that.

        Inside ``batched`` what was written may yet be undone, and be heard again.
        """
        self._runner.heard.append(hear)
        return lambda: self._runner.heard.remove(hear)

    def _tell(self, outcome: Outcome) -> None:
        if self._held is not None:
            self._held.append(outcome)
            return
        for hear in self._observers:
            hear(outcome)

    # programs

    def program_of(self, program_hash: str) -> Stepper:
        """Return a program that is at hand by its hash; the present one for others."""
        return self._runner.programs.get(program_hash, self.program)

    @property
    def program(self) -> Stepper:
        """Return the program that the next step runs."""
        return self._runner.program

    def _activate(self, program: Stepper, *, leave_behind: bool) -> None:
        with self.lock:
            stranded = () if leave_behind else stranded_by(program, self.store.states(self.domain))
            if stranded:
                raise Stranded(stranded)
            self.store.activate(self.domain, program.hash)
            self._runner.programs.run(program)
            if isinstance(self.records, RecordTables):
                self.records.ship(program.records, program.load_record)
            self._runner.program = program
            self._specs.running(program.hash)
            self._runner.programs.let_go(self.store, program)

    def adopt(self) -> int:
        """Take the cases that it concerns over to the program that runs; return how many.

        A case of which the program changes nothing is not written: it goes over with its next
        event or timer.
        """
        with self.lock:
            until_us, current = to_us(self.clock.now()), self.program.hash
            cases = self.store.cases(self.domain, CaseFilter(), self.program)
            others = [case.id for case in cases if case.program != current]

            def adopted(case: str) -> bool:
                outcomes = self._runner.adopt(case, until_us)
                self._post.drain()
                return any(o.event.type == "adopt" and o.status == "applied" for o in outcomes)

            size = self.settings.batch
            chunks = (others[at : at + size] for at in range(0, len(others), size))
            return sum(sum(self.batched(chunk, adopted)) for chunk in chunks)
