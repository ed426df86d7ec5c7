"""Patterns of correlations as lint looks at them: what each asks, and of whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where
from casewright.feel import FeelError, compile, tree
from casewright.lint.rules import values as of
from casewright.lint.rules.facts import kind_values
from casewright.lint.rules.formulas import ALWAYS, RELATIONS
from casewright.lint.rules.reading import Reader
from casewright.spec.models.common import one_or_many

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casewright.bind.world import World
    from casewright.lint.rules.facts import Facts
    from casewright.lint.rules.formulas import Formula, Subject
    from casewright.lint.rules.values import Values
    from casewright.spec.pack_set import Spec


@dataclass(eq=False)
class Pattern:
    """One pattern, and who may be observed for it.

    Attributes:
        events: types of events and names of signals; empty for one that holds.
        cases: case types by qualified name.
        signals: qualified names of signals.
        data: declared data of the signals.
        names: of all patterns of the correlation.
    """

    model: Any
    where: Where
    is_absent: bool
    events: tuple[str, ...]
    cases: Mapping[str, Facts]
    signals: frozenset[str]
    data: Mapping[str, list[Any]]
    names: frozenset[str]

    @cached_property
    def root(self) -> tree.Node | None:
        """Return its condition; None without one, or where it has mistakes."""
        return parsed(self.model.when)

    @cached_property
    def reader(self) -> Reader:
        """Return what reads its condition."""
        return Reader()

    @cached_property
    def formula(self) -> Formula:
        """Return when its condition holds, at least."""
        return ALWAYS if self.root is None else self.reader.read(self.root)

    @property
    def is_alone(self) -> bool:
        """Return whether its condition is there as a whole and reads nothing found before."""
        if self.model.when is None:
            return True
        return self.root is not None and not (_names(self.root) & self.names)

    def values(self, subject: Subject) -> Values:
        """Return the values that a subject can have at one of its sources."""
        key = subject.key
        if " ? " in key:
            return RELATIONS
        bare = key.removeprefix("event.data.") if self.signals and not self.cases else key
        found = [facts.universe()(subject) for facts in self.cases.values()]
        found += [kind_values(model) for model in self.data.get(bare, ())]
        known = len(self.cases) + len(self.data.get(bare, ()))
        if not found or known < len(self.cases) + len(self.signals):
            return of.ANY
        return reduce(lambda one, other: one.either(other), found)


def patterns_of(
    world: World, facts: Mapping[str, Facts], spec: Spec, where: Where, model: Any
) -> Iterator[Pattern]:
    """Yield the patterns of a correlation, ``all`` before ``none``."""
    names = frozenset(p.as_ for p in (*model.all, *model.none) if p.as_ is not None)
    for key, patterns in (("all", model.all), ("none", model.none)):
        for i, pattern in enumerate(patterns):
            events = one_or_many(pattern.on)
            cases = dict(_cases(world, facts, spec, pattern, events))
            signals = {} if pattern.for_ is not None else dict(_signals(world, spec, events))
            data: dict[str, list[Any]] = {}
            for signal in signals.values():
                for name, declared in signal.data.items():
                    data.setdefault(name, []).append(declared)
            place = where / key / i
            yield Pattern(
                pattern,
                place,
                key == "none",
                events,
                cases,
                frozenset(signals),
                data,
                names - {pattern.as_},
            )


def _cases(
    world: World, facts: Mapping[str, Facts], spec: Spec, pattern: Any, events: tuple[str, ...]
) -> Iterator[tuple[str, Facts]]:
    """Yield the case types that a pattern may observe."""
    wanted = {
        found.qualified
        for name in one_or_many(pattern.for_)
        if (found := world.seek("case_type", name, Where(spec, ""))) is not None
    }
    for name, known in facts.items():
        shape = known.shape
        if pattern.for_ is not None and not wanted & set(shape.lineage):
            continue
        if not events or any(shape.knows_event(e) or e in shape.sent for e in events):
            yield name, known


def _signals(world: World, spec: Spec, events: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield the signals that a pattern in a pack may name, its own and those of packs it uses."""
    own = world.packs.packs.get(spec.pack)
    packs = {spec.pack, *(() if own is None else own.uses)}
    for other in world.packs.all("rules"):
        for name, model in other.model.signals.items():
            if other.pack in packs and (name in events or f"{other.pack}.{name}" in events):
                yield f"{other.pack}.{name}", model


def parsed(text: object) -> tree.Node | None:
    """Return an expression; None where there is none, or one with mistakes."""
    if not isinstance(text, str):
        return None
    try:
        return compile(text).tree
    except FeelError:
        return None


def _names(root: tree.Node) -> set[str]:
    """Return every name in an expression."""
    pending, found = [root], set[str]()
    while pending:
        node = pending.pop()
        if isinstance(node, tree.Name):
            found.add(node.name)
        pending.extend(node.parts())
    return found
