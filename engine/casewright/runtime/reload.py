"""Reading specs again while cases are open: by call, by watching files, by another process.

A program is built beside the one that runs and takes over in one assignment; if it does not
compile, nothing changes but the report.
"""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Self

from casewright.errors import Diagnostic, HostError, SpecError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from casewright.host import Host
    from casewright.runtime.stepper import Stepper


@dataclass(frozen=True, slots=True)
class ReloadReport:
    """What reading the specs again came to.

    Attributes:
        ok: the specs compile.
        program: hash of the program that runs from now on.
        is_new: it is another one than before.
        diagnostics: errors and warnings, in order.
        seconds: how long it took.
    """

    ok: bool
    program: str
    is_new: bool
    diagnostics: tuple[Diagnostic, ...]
    seconds: float


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
        activate: makes a program the one that runs.
        host: declarations that specs are checked against.

    Attributes:
        paths: folders of packs; empty where the engine was given a program.
        status: the last report.
    """

    def __init__(self, activate: Callable[[Stepper], None], host: Host | None) -> None:
        self.paths: tuple[str | Path, ...] = ()
        self.status: ReloadReport | None = None
        self._activate = activate
        self._host = host
        self._hash = ""
        self._lock = threading.Lock()
        self._watchers: list[Watcher] = []

    def running(self, program_hash: str) -> None:
        """Note which program runs."""
        self._hash = program_hash

    def reload(self) -> ReloadReport:
        """Return what reading the specs again came to.

        Raises:
            ValueError: the engine was not opened from paths.
            HostError: the store failed.
        """
        if not self.paths:
            raise ValueError("the engine was given a program; open it from paths to reload")
        from casewright.program import compile_packs

        with self._lock:
            start, before = perf_counter(), self._hash
            try:
                program: Stepper = compile_packs(list(self.paths), self._host)
            except SpecError as err:
                found = err.diagnostics
                report = ReloadReport(False, before, False, found, perf_counter() - start)
            else:
                is_new = program.hash != before
                if is_new:
                    self._activate(program)
                warnings = tuple(program.warnings)
                took = perf_counter() - start
                report = ReloadReport(True, program.hash, is_new, warnings, took)
            self.status = report
            return report

    def follow(self, program_hash: str) -> None:
        """Load the program that another process has activated.

        Raises:
            HostError: the specs at hand are not those.
        """
        found = self.reload() if self.paths else None
        if found is None or found.program != program_hash:
            raise HostError(
                f"the store runs program {program_hash[:12]}, this engine {self._hash[:12]}; "
                "bring its specs up to date, or open it again to activate them"
            )

    def watch(self, report: Callable[[ReloadReport], None] | None) -> Watcher:
        """Return a thread that reloads whenever a file changes."""
        if not self.paths:
            raise ValueError("the engine was given a program; open it from paths to watch")
        paths = self.paths

        def loop(ended: threading.Event) -> None:
            from watchfiles import watch

            for _ in watch(*paths, stop_event=ended, debounce=50, step=10, rust_timeout=200):
                self._reported(report)

        watcher = Watcher(loop)
        self._watchers.append(watcher)
        return watcher

    @asynccontextmanager
    async def watching(self, report: Callable[[ReloadReport], None] | None) -> AsyncGenerator[None]:
        """Reload whenever a file changes, while the block runs."""
        import asyncio

        watcher = self.watch(report)
        try:
            yield
        finally:
            await asyncio.to_thread(watcher.stop)

    def _reported(self, report: Callable[[ReloadReport], None] | None) -> None:
        outcome = self.reload()
        if report is not None:
            report(outcome)

    def stop(self) -> None:
        """Stop all watchers."""
        for watcher in self._watchers:
            watcher.stop()
        self._watchers.clear()
