"""Reading specs again while cases are open: by call, by watching files, by another process.

A program is built beside the one that runs and takes over in one assignment; if it does not
compile, nothing changes but the report.
"""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Protocol, Self

from casewright.errors import Diagnostic, HostError, SpecError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable
    from pathlib import Path

    from casewright.runtime.stepper import Stepper


CaseCount = tuple[str, str, int]


class Stranded(HostError):  # noqa: N818  what happened to the cases
    """Cases in the store cannot follow a program.

    Attributes:
        cases: case type, state, and how many.
    """

    def __init__(self, cases: tuple[CaseCount, ...]) -> None:
        self.cases = cases
        told = ", ".join(f"{count} in {state} of {kind}" for kind, state, count in cases)
        super().__init__(f"cases cannot follow: {told}; keep these states, or leave them behind")


def stranded_by(program: Stepper, counts: Iterable[CaseCount]) -> tuple[CaseCount, ...]:
    """Return those of ``counts`` whose case type or state a program does not have."""
    kinds = program.case_types
    return tuple(
        [
            (kind, state, count)
            for kind, state, count in counts
            if kind not in kinds or state not in kinds[kind].flow.states
        ]
    )


@dataclass(frozen=True, slots=True)
class ReloadReport:
    """What reading the specs again came to.

    Attributes:
        ok: the specs compile.
        program: hash of the program that runs from now on.
        is_new: it is another one than before.
        diagnostics: errors and warnings, in order.
        seconds: how long it took.
        stranded: case type, state and number of the cases for which it was refused.
        problem: why the specs could not be read or the program not be activated, or an empty text.
    """

    ok: bool
    program: str
    is_new: bool
    diagnostics: tuple[Diagnostic, ...]
    seconds: float
    stranded: tuple[CaseCount, ...] = ()
    problem: str = ""


class Activate(Protocol):
    """Makes a program the one that runs."""

    def __call__(self, program: Stepper, *, leave_behind: bool) -> None:
        """Activate ``program``, or raise ``Stranded``."""
        ...


class Watcher:
    """A background thread that reloads; stops when told or at the end of a ``with`` block."""

    def __init__(self, watch: Callable[[threading.Event], None]) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=watch, args=(self._ended,), name="casewright-watch", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait until the thread has ended."""
        self._ended.set()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Specs:
    """Where the specs of an engine come from.

    Args:
        activate: makes a program the one that runs, or raises ``Stranded``.

    Attributes:
        status: the last report.
    """

    def __init__(self, activate: Activate) -> None:
        self.status: ReloadReport | None = None
        self._activate = activate
        self._paths: tuple[str | Path, ...] = ()
        self._compile: Callable[[], Stepper] | None = None
        self._hash = ""
        self._lock = threading.Lock()
        self._watchers: list[Watcher] = []

    def come_from(self, paths: Iterable[str | Path], compile_again: Callable[[], Stepper]) -> None:
        """Note where to look for changes, and how to compile what is there."""
        self._paths = tuple(paths)
        self._compile = compile_again

    def running(self, program_hash: str) -> None:
        """Note which program runs."""
        self._hash = program_hash

    def reload(self, *, leave_behind: bool = False) -> ReloadReport:
        """Return what reading the specs again came to.

        Raises:
            ValueError: the engine was not opened from paths.
            HostError: the store failed.
        """
        if self._compile is None:
            raise ValueError("the engine was given a program; open it from paths to reload")
        with self._lock:
            start, before = perf_counter(), self._hash
            stranded: tuple[CaseCount, ...] = ()
            try:
                program = self._compile()
                found, after = tuple(program.warnings), program.hash
                if after != before:
                    self._activate(program, leave_behind=leave_behind)
                ok = True
            except SpecError as err:
                found, after, ok = err.diagnostics, before, False
            except Stranded as err:
                found, after, ok, stranded = (), before, False, err.cases
            took = perf_counter() - start
            self.status = ReloadReport(ok, after, after != before, found, took, stranded)
            return self.status

    def follow(self, program_hash: str) -> None:
        """Load the program that another process has activated.

        Raises:
            HostError: the specs at hand are not those.
        """
        found = None if self._compile is None else self.reload()
        if found is None or found.program != program_hash:
            raise HostError(
                f"the store runs program {program_hash[:12]}, this engine {self._hash[:12]}; "
                "bring its specs up to date, or open it again to activate them"
            )

    def watch(self, report: Callable[[ReloadReport], object] | None) -> Watcher:
        """Return a thread that reloads whenever a file changes."""
        if self._compile is None:
            raise ValueError("the engine was given a program; open it from paths to watch")
        paths = self._paths

        def loop(ended: threading.Event) -> None:
            from watchfiles import watch

            is_first = True
            for changes in watch(
                *paths,
                stop_event=ended,
                debounce=50,
                step=10,
                rust_timeout=200,
                yield_on_timeout=True,
            ):
                if changes or is_first:  # at first also what changed before the watch began
                    self._reported(report, is_certain=bool(changes))
                is_first = False

        watcher = Watcher(loop)
        self._watchers.append(watcher)
        return watcher

    @asynccontextmanager
    async def watching(
        self, report: Callable[[ReloadReport], object] | None
    ) -> AsyncGenerator[None]:
        """Reload whenever a file changes, while the block runs."""
        import asyncio

        watcher = self.watch(report)
        try:
            yield
        finally:
            await asyncio.to_thread(watcher.stop)

    def _reported(
        self, report: Callable[[ReloadReport], object] | None, *, is_certain: bool
    ) -> None:
        try:
            outcome = self.reload()
        except (HostError, OSError) as err:
            outcome = ReloadReport(False, self._hash, False, (), 0.0, problem=str(err))
            self.status = outcome
        if report is not None and (is_certain or outcome.is_new or not outcome.ok):
            report(outcome)

    def stop(self) -> None:
        """Stop all watchers."""
        for watcher in self._watchers:
            watcher.stop()
        self._watchers.clear()
