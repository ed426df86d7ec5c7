"""How far facts come towards an activation: the best partial binding, and what it lacks.

Patterns are bound in order, as networks do. Where none can be bound any further, the binding that
came furthest is told: the facts that it holds, and of the pattern where it stopped what each other
fact lacks. Nothing here decides what fires.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casewright.errors import CasewrightError
from casewright.feel import Budget, Unavailable
from casewright.rules.networks.alike import Different

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casewright.feel import Deciding, Expression, Teller
    from casewright.rules.networks.contract import Around, Fact, Pattern, Production

TRIES = 5_000
"""How often a fact is tried at most; a binding that is found then is the best so far."""
_MISFITS = 3


@dataclass(frozen=True, slots=True)
class Misfit:
    """A fact of a pattern's label that the pattern does not take.

    Attributes:
        position: of the fact.
        deciding: the parts of the conditions that decided; none where only ``distinct`` did.
    """

    position: int
    deciding: tuple[Deciding, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one pattern stands in the best binding.

    Attributes:
        pattern: the pattern.
        labelled: how many facts have its label.
        found: positions of the facts that it holds.
        misfits: facts that it does not take, the nearest first, at most three.
        alike: positions of facts left out because their value of ``distinct`` was there already.
        values: of ``distinct``, those of the facts found.
        is_reached: the patterns before it are all bound.
    """

    pattern: Pattern
    labelled: int
    found: tuple[int, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    alike: tuple[int, ...] = ()
    values: tuple[Any, ...] = ()
    is_reached: bool = True

    @property
    def needed(self) -> int:
        """Return how many facts it needs."""
        return self.pattern.count or 1

    @property
    def is_met(self) -> bool:
        """Return whether it has all that it needs."""
        return len(self.found) == self.needed


@dataclass(frozen=True, slots=True)
class Nearest:
    """The best partial binding.

    Attributes:
        patterns: how each pattern stands, in order.
        blocked_by: where every pattern is met, a pattern of ``absent`` and the position of a fact
            that fits it; else None.
    """

    patterns: tuple[Standing, ...]
    blocked_by: tuple[Pattern, int] | None = None

    @property
    def is_complete(self) -> bool:
        """Return whether it is an activation."""
        return self.blocked_by is None and all(one.is_met for one in self.patterns)


def nearest(
    production: Production, facts: Sequence[Fact], around: Around, teller: Teller | None = None
) -> Nearest:
    """Return the binding that comes nearest to an activation.

    Args:
        production: the patterns.
        facts: the earliest first.
        around: what conditions see; its ``lets`` are as before when this returns.
        teller: knows the scope of the conditions.
    """
    lets = around.lets
    around.lets = {**lets}
    try:
        search = _Search(production, facts, around)
        search.run(0)
        return search.told(teller)
    finally:
        around.lets = lets


class _Search:
    """One search: what is bound at the moment, and the best binding so far."""

    def __init__(self, production: Production, facts: Sequence[Fact], around: Around) -> None:
        self._production = production
        self._facts = facts
        self._around = around
        self._bound: list[tuple[int, ...]] = []
        self._held: set[int] = set()
        self._tries = 0
        self._best: tuple[tuple[int, int], list[tuple[int, ...]]] = ((-1, 0), [])
        self._is_done = False

    def run(self, depth: int) -> None:
        """Bind the pattern at a depth and those behind it, in every way, until one is complete."""
        if depth == len(self._production.patterns):
            self._is_done = self._blocked() is None
            self._keep(depth, 1 if self._is_done else 0)
            return
        pattern = self._production.patterns[depth]
        if pattern.count is not None:
            group, _ = self._group(pattern)
            if len(group) == pattern.count:
                self._bind(depth, group)
            else:
                self._keep(depth, len(group))
            return
        tried = False
        for position in self._fitting(pattern):
            tried = True
            self._bind(depth, (position,))
            if self._is_done or self._tries > TRIES:
                return
        if not tried:
            self._keep(depth, 0)

    def _keep(self, depth: int, more: int) -> None:
        if (depth, more) > self._best[0]:
            self._best = (depth, more), list(self._bound)

    def _bind(self, depth: int, positions: tuple[int, ...]) -> None:
        self._let(self._production.patterns[depth], positions)
        self._held.update(positions)
        self._bound.append(positions)
        self.run(depth + 1)
        self._bound.pop()
        self._held.difference_update(positions)

    def _let(self, pattern: Pattern, positions: Sequence[int]) -> None:
        data = [self._facts[position].data for position in positions]
        self._around.lets[pattern.name] = data[0] if pattern.count is None else data

    def _fitting(self, pattern: Pattern, *, newest: bool = False) -> Iterator[int]:
        """Yield the facts that a pattern takes; each is in ``lets`` until the next."""
        positions = range(len(self._facts))
        for position in reversed(positions) if newest else positions:
            fact = self._facts[position]
            if pattern.label not in fact.labels or position in self._held:
                continue
            self._tries += 1
            if self._tries > TRIES:
                return
            self._around.lets[pattern.name] = fact.data
            if all(_holds(one.expression, self._around) for one in pattern.conditions):
                yield position

    def _group(self, pattern: Pattern) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the facts that a counted pattern takes, and those whose value was there."""
        group: list[int] = []
        alike: list[int] = []
        values = Different()
        for position in self._fitting(pattern, newest=self._production.slides):
            if pattern.distinct is not None:
                value = _value(pattern.distinct, self._around)
                if value is None or not values.add(Budget(), value):
                    alike.append(position)
                    continue
            group.append(position)
            if len(group) == pattern.count:
                break
        return tuple(sorted(group)), tuple(alike)

    def _blocked(self) -> tuple[Pattern, int] | None:
        """Return a fact that fits what must be absent, and its pattern."""
        held, self._held = self._held, set()
        try:
            for pattern in self._production.absent:
                for position in self._fitting(pattern):
                    return pattern, position
        finally:
            self._held = held
        return None

    # --- telling ----------------------------------------------------------------------------

    def told(self, teller: Teller | None) -> Nearest:
        """Return the best binding, with what each pattern lacks."""
        (depth, _), bound = self._best
        self._tries, self._held = 0, set()
        patterns: list[Standing] = []
        for at, pattern in enumerate(self._production.patterns):
            if at < depth:
                patterns.append(self._met(pattern, bound[at]))
                self._let(pattern, bound[at])
                self._held.update(bound[at])
            elif at == depth:
                patterns.append(self._short(pattern, teller))
            else:
                labelled = self._labelled(pattern)
                patterns.append(Standing(pattern, labelled, is_reached=False))
        is_full = depth == len(self._production.patterns)
        return Nearest(tuple(patterns), self._blocked() if is_full else None)

    def _labelled(self, pattern: Pattern) -> int:
        return sum(pattern.label in fact.labels for fact in self._facts)

    def _met(self, pattern: Pattern, positions: tuple[int, ...]) -> Standing:
        values: list[Any] = []
        if pattern.distinct is not None:
            for position in positions:
                self._around.lets[pattern.name] = self._facts[position].data
                values.append(_value(pattern.distinct, self._around))
        return Standing(pattern, self._labelled(pattern), positions, values=tuple(values))

    def _short(self, pattern: Pattern, teller: Teller | None) -> Standing:
        """Return how the pattern stands at which the binding stopped."""
        group: tuple[int, ...] = ()
        alike: tuple[int, ...] = ()
        if pattern.count is not None:
            group, alike = self._group(pattern)
        misfits = [
            Misfit(position, deciding)
            for position in range(len(self._facts))
            if (deciding := self._deciding(pattern, position, teller))
        ]
        misfits.sort(key=lambda one: sum(part.distance for part in one.deciding))
        met = self._met(pattern, group)
        return Standing(pattern, met.labelled, group, tuple(misfits[:_MISFITS]), alike, met.values)

    def _deciding(
        self, pattern: Pattern, position: int, teller: Teller | None
    ) -> tuple[Deciding, ...]:
        fact = self._facts[position]
        if pattern.label not in fact.labels or position in self._held:
            return ()
        self._around.lets[pattern.name] = fact.data
        return tuple(
            part
            for one in pattern.conditions
            for part in one.expression.deciding(self._around, teller)
        )


def _holds(expression: Expression, around: Around) -> bool:
    try:
        return expression.true(around, Budget())
    except (Unavailable, CasewrightError):
        return False


def _value(expression: Expression, around: Around) -> object:
    try:
        return expression.value(around, Budget())
    except (Unavailable, CasewrightError):
        return None
