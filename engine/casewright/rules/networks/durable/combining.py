"""Matches of the library as activations: groups, what differs in them, and absence.

This is arithmetic on positions of facts. The library says which facts fit which patterns together;
the rest is defined by :mod:`casewright.rules.networks.contract`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.rules.networks.alike import Different
from casewright.rules.networks.contract import Activation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from casewright.rules.networks.contract import Around, Fact, Pattern
    from casewright.rules.networks.durable.lowering import Family, Lowered

Positions = tuple[int, ...]
Found = "Mapping[Family, set[Positions]]"


class Combiner:
    """Brings the matches of one production together."""

    __slots__ = ("_around", "_counted", "_facts", "_lowered", "_patterns", "_shut")

    def __init__(
        self,
        lowered: Lowered,
        found: Mapping[Family, set[Positions]],
        facts: Sequence[Fact],
        around: Around,
    ) -> None:
        """Look matches up.

        Args:
            found: positions of facts by family, in the order of its patterns.
        """
        self._lowered = lowered
        self._facts = facts
        self._around = around
        self._patterns = lowered.production.patterns
        self._counted = {
            place: _by_bound(found.get(family, ())) for place, family in lowered.counted.items()
        }
        self._shut = [
            (family.patterns[:-1], {positions[:-1] for positions in found.get(family, ())})
            for family in lowered.absent
        ]

    def activations(self, bindings: Iterable[Positions]) -> list[Activation]:
        """Return the activations of single facts that fit together, in order.

        Args:
            bindings: positions for the single patterns, in order.
        """
        name = self._lowered.production.name
        possible = sorted(one for one in bindings if len(set(one)) == len(one))
        if not self._counted and not self._shut:
            return [Activation(name, tuple([(place,) for place in one])) for one in possible]
        groups = map(self._groups, possible)
        return [Activation(name, facts) for facts in groups if facts is not None]

    def _groups(self, binding: Positions) -> tuple[Positions, ...] | None:
        names = (self._patterns[place].name for place in self._lowered.singles)
        bound = dict(zip(names, binding, strict=True))
        if any(tuple(bound[name] for name in read) in shut for read, shut in self._shut):
            return None
        if not self._counted:
            return tuple((position,) for position in binding)
        return self._filled(bound)

    def _filled(self, bound: Mapping[str, int]) -> tuple[Positions, ...] | None:
        """Return the facts of every pattern, None where a group is not full."""
        groups: list[Positions] = []
        held: set[int] = set()
        lets = self._around.lets
        for place, pattern in enumerate(self._patterns):
            if pattern.count is None:
                group: Positions = (bound[pattern.name],)
                lets[pattern.name] = self._facts[group[0]].data
            else:
                read = self._lowered.counted[place].patterns[:-1]
                fitting = self._counted[place].get(tuple(bound[name] for name in read), [])
                taken = self._taken(pattern, pattern.count, fitting, held)
                if taken is None:
                    return None
                group = taken
                lets[pattern.name] = [self._facts[position].data for position in group]
            if not held.isdisjoint(group):
                return None
            held.update(group)
            groups.append(group)
        return tuple(groups)

    def _taken(
        self, pattern: Pattern, count: int, fitting: Sequence[int], held: set[int]
    ) -> Positions | None:
        group: list[int] = []
        values = Different()
        for position in reversed(fitting) if self._lowered.production.slides else fitting:
            if position in held or not self._is_new(pattern, position, values):
                continue
            group.append(position)
            if len(group) == count:
                return tuple(sorted(group))
        return None

    def _is_new(self, pattern: Pattern, position: int, values: Different) -> bool:
        if pattern.distinct is None:
            return True
        around = self._around
        around.lets[pattern.name] = self._facts[position].data
        value = pattern.distinct.value(around, around.budget)
        return value is not None and values.add(around.budget, value)


def _by_bound(found: Iterable[Positions]) -> dict[Positions, list[int]]:
    """Return the facts that fit a counted pattern, ascending, by those that it reads."""
    made: dict[Positions, list[int]] = {}
    for positions in sorted(found):
        made.setdefault(positions[:-1], []).append(positions[-1])
    return made
