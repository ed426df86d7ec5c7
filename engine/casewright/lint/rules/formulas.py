"""Formulas over what subjects may be: whether anything fits them all.

A formula says at least when a condition holds: what is not understood may have any value. So
formulas that nothing fits are sure not to hold together, and all else is left open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casewright.lint.rules.values import ANY, Values, intersection, points, union

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_BRANCHES = 400
RELATIONS = points(("less", "equal", "more", "same", "unlike", "apart"))
"""All ways in which two subjects stand to each other."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that a condition says something of.

    Attributes:
        key: its text; equal texts have equal values at one moment.
        reads: what its value comes from: the first names of paths, and fields of ``changed``.
    """

    key: str
    reads: frozenset[str]


@dataclass(frozen=True, slots=True)
class Atom:
    """The value of a subject is one of these."""

    subject: Subject
    values: Values


@dataclass(frozen=True, slots=True)
class All:
    """All of these hold."""

    items: tuple[Formula, ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of these holds."""

    items: tuple[Formula, ...] = ()


Formula = Atom | All | Some
ALWAYS = All()
NEVER = Some()


def some(items: Iterable[Formula]) -> Formula:
    """Return that one of the formulas holds; what they say of one subject is joined."""
    parts = _joined(items, union)
    return parts[0] if len(parts) == 1 else Some(parts)


def every(items: Iterable[Formula]) -> Formula:
    """Return that all of the formulas hold; what they say of one subject is joined."""
    parts = _joined(items, intersection)
    return parts[0] if len(parts) == 1 else All(parts)


def _joined(
    items: Iterable[Formula], of_many: Callable[[Sequence[Values]], Values]
) -> tuple[Formula, ...]:
    by_key: dict[str, tuple[Subject, list[Values]]] = {}
    others: list[Formula] = []
    for item in items:
        if isinstance(item, Atom):
            by_key.setdefault(item.subject.key, (item.subject, []))[1].append(item.values)
        else:
            others.append(item)
    return (*(Atom(subject, of_many(sets)) for subject, sets in by_key.values()), *others)


@dataclass(slots=True)
class Solver:
    """Looks for values that fit formulas.

    Attributes:
        universe: the values that a subject can have at all.
        stuck: the subject that was left without a value last.
    """

    universe: Callable[[Subject], Values] = lambda _: ANY
    stuck: Subject | None = None
    _left: int = 0

    def fits(self, *formulas: Formula) -> bool:
        """Return False only if it is sure that nothing fits all the formulas."""
        self._left = _BRANCHES
        self.stuck = None
        return self._fits(list(formulas), {}, [])

    def _fits(self, pending: list[Formula], known: dict[str, Values], branches: list[Some]) -> bool:
        """Return whether something fits; gives up, and says so, after too many branches."""
        while pending:
            item = pending.pop()
            if isinstance(item, All):
                pending.extend(item.items)
            elif isinstance(item, Some):
                branches.append(item)
            elif not self._narrows(item, known):
                return False
        if not branches:
            return True
        first = min(branches, key=lambda some: len(some.items))
        others = [some for some in branches if some is not first]
        for branch in first.items:
            self._left -= 1
            if self._left < 0 or self._fits([branch], dict(known), list(others)):
                return True
        return False

    def _narrows(self, atom: Atom, known: dict[str, Values]) -> bool:
        """Note what an atom leaves of its subject; False if that is nothing."""
        key = atom.subject.key
        before = known.get(key)
        now = atom.values.both(self.universe(atom.subject) if before is None else before)
        known[key] = now
        if not now:
            self.stuck = atom.subject
        return bool(now)


def certain(formula: Formula, universe: Callable[[Subject], Values]) -> dict[str, Values]:
    """Return what a formula leaves of each subject that it is sure to speak of."""
    known: dict[str, Values] = {}
    for atom in sure_atoms(formula):
        key = atom.subject.key
        known[key] = known.get(key, universe(atom.subject)).both(atom.values)
    return known


def sure_atoms(formula: Formula) -> Iterable[Atom]:
    """Yield the parts of a formula that hold wherever it does."""
    stack = [formula]
    while stack:
        item = stack.pop()
        if isinstance(item, Atom):
            yield item
        elif isinstance(item, All):
            stack.extend(item.items)
        elif len(item.items) == 1:
            stack.append(item.items[0])
