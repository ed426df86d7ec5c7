"""What scenarios have touched of the packs: transitions, rows, rules, clocks, and so on.

What there is comes from the program, what was touched from the causes, effects and records of
outcomes; rows of tables from the tables themselves, which are watched while scenarios run. A thing
is counted once, wherever it is inherited to: its place in a file tells it from others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casewright.case import Outcome
    from casewright.dmn import Table
    from casewright.feel import Budget
    from casewright.program import Program
    from casewright.program.kind import CaseType

KINDS = (
    "transition",
    "table row",
    "rule",
    "clock",
    "threshold",
    "timer",
    "notification",
    "activity",
    "signal",
    "correlation",
)
Key: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of one kind was touched.

    Attributes:
        kind: such as ``transition``.
        touched: how many were.
        all: how many there are.
        missing: names of the others, each with its place where it has one.
    """

    kind: str
    touched: int
    all: int
    missing: tuple[str, ...]

    @property
    def percent(self) -> float:
        """Return the share in percent; nothing to touch is 100."""
        return 100.0 if self.all == 0 else 100.0 * self.touched / self.all


class Coverage:
    """Collects what the scenarios of packs touch.

    Args:
        packs: names of the packs that count; all of the program without.
    """

    def __init__(self, packs: Iterable[str] = ()) -> None:
        self._packs = frozenset(packs)
        self._known: dict[Key, str] = {}
        self._touched: set[Key] = set()
        self._programs: list[Program] = []
        self._names: dict[str, dict[Key, Key]] = {}

    def watch(self, program: Program) -> None:
        """Note what a program has, and watch its tables from here on."""
        if any(program is known for known in self._programs):
            return
        self._programs.append(program)
        for name, ct in program.case_types.items():
            self._names.setdefault(name, {})
            for kind, local, place in _parts(ct):
                key = (kind, place or f"{name}: {local}")
                self._names[name][kind, local] = key
                if self._counts(ct.pack):
                    self._known.setdefault(key, local)
        for kind, definitions in (
            ("signal", program.signals),
            ("correlation", program.correlations),
        ):
            for name, definition in definitions.items():
                if self._counts(name.partition(".")[0]):
                    self._known.setdefault((kind, definition.place), name.rpartition(".")[2])
                self._names.setdefault("", {})[kind, name] = (kind, definition.place)
        for name, table in program.tables.items():
            self._watch_table(name, table)

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Note what outcomes have touched."""
        for outcome in outcomes:
            if outcome.status not in ("applied", "failed"):
                continue
            case = outcome.case  # without one it was a signal or a window
            names = self._names.get("" if case is None else case.case_type, {})
            for part in _touched(outcome):
                if part in names:
                    self._touched.add(names[part])

    def report(self) -> list[Covered]:
        """Return how much of each kind was touched, in the order of ``KINDS``."""
        return [self._of(kind) for kind in KINDS]

    @property
    def percent(self) -> float:
        """Return the share of everything, in percent."""
        known = len(self._known)
        return 100.0 if not known else 100.0 * len(self._touched & self._known.keys()) / known

    def _of(self, kind: str) -> Covered:
        keys = [key for key in self._known if key[0] == kind]
        missing = [key for key in keys if key not in self._touched]
        names = tuple(sorted({_named(self._known[key], key[1]) for key in missing}))
        return Covered(kind, len(keys) - len(missing), len(keys), names)

    def _counts(self, pack: str) -> bool:
        return not self._packs or pack in self._packs

    def _watch_table(self, name: str, table: Table) -> None:
        if self._counts(name.partition(".")[0]):
            for row in range(len(table.definition.rows)):
                self._known.setdefault(("table row", f"{name} row {row + 1}"), "")
        decide = table.decide
        first_only = table.definition.hit_policy == "first"

        def watched(s: Any, b: Budget, args: tuple[Any, ...]) -> Any:
            rows = table.matching_rows(s, b, args)
            for row in rows[:1] if first_only else rows:
                self._touched.add(("table row", f"{name} row {row + 1}"))
            return decide(s, b, args)

        # The one place where a compiled table is changed: a watched program serves tests only.
        object.__setattr__(table, "decide", watched)


def _named(name: str, place: str) -> str:
    return f"{name} ({place})" if name else place


def _parts(ct: CaseType) -> Iterator[tuple[str, str, str]]:
    """Yield kind, name and place of what a case type has."""
    for row in ct.flow.transitions:
        yield "transition", row.name, row.place
    for rule in ct.rules.rules:
        yield "rule", rule.name, rule.place
    for clock in ct.clocks.values():
        yield "clock", clock.name, clock.place
        for threshold in clock.thresholds:
            yield "threshold", f"{clock.name} {threshold.key}", f"{clock.place} {threshold.key}"
        if clock.breach_do:
            yield "threshold", f"{clock.name} breach", f"{clock.place} breach"
    for timer in ct.timers.values():
        yield "timer", timer.key, timer.place
    for notification in ct.notifications.all.values():
        yield "notification", notification.name, notification.place
    if ct.playbook is not None:
        for activity in ct.playbook.line:
            yield "activity", activity.name, f"{ct.playbook.name}.{activity.name}"


def _touched(outcome: Outcome) -> Iterator[Key]:
    """Yield kind and name of what an outcome shows to have acted."""
    for cause in outcome.causes:
        yield from _of_cause(cause)
    for effect in outcome.effects:
        if effect.kind == "notification":
            yield "notification", effect.name
    case = outcome.case
    if case is not None:
        for name in case.clocks:
            yield "clock", name


def _of_cause(cause: str) -> Iterator[Key]:
    kind, _, rest = cause.partition("/")
    if kind in ("transition", "rule", "signal", "correlation"):
        yield kind, rest
    elif kind == "timer":
        yield "timer", rest
        owner, _, name = rest.partition("/")
        if owner == "sla":
            yield "threshold", name.replace("/", " ", 1)
    elif kind in ("activity", "activity_completed"):
        yield "activity", rest.partition("/")[0]
