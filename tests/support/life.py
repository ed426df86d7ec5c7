"""A pack in a text, compiled; and one case driven through the pure step, clock in hand."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casewright.case import Actor, Case, Event, Outcome, Related
from casewright.program import Program, compile_packs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.host import Host

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANNE = Actor("anne", roles=("agent",))
CARL = Actor("carl", roles=("customer",))
PACK = "kind: pack\nname: t\nschema: casewright/1\nversion: 1.0.0\n"


def program_of(text: str, *, head: str = PACK, host: Host | None = None, **more: Any) -> Program:
    """Return the program of a pack whose documents are ``text``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pack.yaml"
        path.write_text(f"{head}---\n{text}")
        return compile_packs([path], host, **more)


class Life:
    """One case over the pure step.

    Attributes:
        now: the host's clock; ``wait`` moves it.
        case: the case as it is.
        outcomes: every outcome so far, timers included.
        related: records that steps may read.
    """

    def __init__(
        self, program: Program, case_type: str = "c", related: Related | None = None
    ) -> None:
        self.program = program
        self.case_type = case_type
        self.now = START
        self.current: Case | None = None
        self.outcomes: list[Outcome] = []
        self.related = related or Related()
        self._ids = 0

    @property
    def case(self) -> Case:
        assert self.current is not None
        return self.current

    def create(
        self, data: Mapping[str, Any] | None = None, by: Actor = ANNE, **more: Any
    ) -> Outcome:
        """Create the case; return the outcome."""
        return self.handle(
            Event(
                "create",
                case="c1",
                case_type=self.case_type,
                actor=by,
                data=dict(data or {}),
                **more,
            )
        )

    def send(
        self, event_type: str, data: Mapping[str, Any] | None = None, by: Actor = ANNE, **more: Any
    ) -> Outcome:
        """Send an event; return its own outcome, the last one."""
        return self.handle(Event(event_type, case="c1", actor=by, data=dict(data or {}), **more))

    def handle(self, event: Event) -> Outcome:
        """Handle an event at the life's clock; return the last outcome."""
        from msgspec.structs import replace

        self._ids += 1
        stamped = replace(event, id=event.id or f"e{self._ids}", time=event.time or self.now)
        return self._keep(self.program.handle(self.current, stamped, self.related))

    def wait(self, delta: timedelta) -> list[Outcome]:
        """Move the clock and run what is due; return those outcomes."""
        self.now += delta
        made = self.program.advance(self.case, self.now, self.related)
        if made:
            self._keep(made)
        return made

    def effects(self, kind: str) -> list[str]:
        """Return the names of all effects of a kind so far, bare."""
        return [
            effect.name.rpartition(".")[2]
            for outcome in self.outcomes
            for effect in outcome.effects
            if effect.kind == kind
        ]

    def codes(self) -> list[str]:
        """Return the codes of the last outcome's errors."""
        return [problem.code for problem in self.outcomes[-1].errors]

    def clock(self, name: str) -> Any:
        """Return the record of a clock's live instance or the last."""
        return self.case.clocks[name].current

    def _keep(self, outcomes: list[Outcome]) -> Outcome:
        self.outcomes.extend(outcomes)
        for outcome in outcomes:
            if outcome.entity is not None:
                self.current = outcome.case
        return outcomes[-1]
