"""Which productions the facts of a call may concern, so that the others cost nothing.

A production needs a fact for each of its patterns: one of the pattern's label and, where the
pattern says that a value equals a constant, one with that value. It is looked up by the rarest of
what it needs, and must find enough facts of all its labels.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from casewright.rules.networks.alike import ODD, alike
from casewright.rules.networks.terms import Compare, Constant, FieldOf

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from casewright.rules.networks.contract import Fact, Production


Need = tuple[str, str | None, "Hashable"]
"""A label of a fact; where it matters, also the name of a value and its ``alike``."""


class Concern:
    """What productions need, by place.

    Attributes:
        rarest: of each production, the need that it is looked up by.
    """

    __slots__ = ("_by_label", "_by_value", "_fewest", "rarest")

    def __init__(self, productions: Sequence[Production]) -> None:
        needs = [list(dict.fromkeys(_needs(production))) for production in productions]
        counts = Counter(need for some in needs for need in some)
        self.rarest = [min(some, key=counts.__getitem__) for some in needs]
        self._fewest = [tuple(_fewest(production).items()) for production in productions]
        self._by_label: dict[str, list[int]] = {}
        self._by_value: dict[str, dict[str, dict[Hashable, list[int]]]] = {}
        for place, (label, name, key) in enumerate(self.rarest):
            if name is None:
                self._by_label.setdefault(label, []).append(place)
            else:
                keys = self._by_value.setdefault(label, {}).setdefault(name, {})
                keys.setdefault(key, []).append(place)

    def places(self, facts: Sequence[Fact], labels: Mapping[str, Sequence[int]]) -> list[int]:
        """Return the places of the productions that the facts may concern, ascending.

        Args:
            labels: positions of facts by label.
        """
        found: list[int] = []
        for label, positions in labels.items():
            found += self._by_label.get(label, ())
            for name, keys in self._by_value.get(label, {}).items():
                for key in {alike(facts[position].data.get(name)) for position in positions}:
                    found += keys.get(key, ())
        return sorted([place for place in found if self._suffice(place, labels)])

    def _suffice(self, place: int, labels: Mapping[str, Sequence[int]]) -> bool:
        return all(len(labels.get(label, ())) >= fewest for label, fewest in self._fewest[place])


def _fewest(production: Production) -> Mapping[str, int]:
    """Return how many facts of each label a production needs: no two patterns hold the same."""
    found: dict[str, int] = {}
    for pattern in production.patterns:
        found[pattern.label] = found.get(pattern.label, 0) + (pattern.count or 1)
    return found


def _needs(production: Production) -> Iterator[Need]:
    for pattern in production.patterns:
        for condition in pattern.conditions:
            term = condition.term
            if not condition.reads and isinstance(term, Compare) and term.op == "=":
                for one, other in ((term.left, term.right), (term.right, term.left)):
                    if isinstance(one, FieldOf) and isinstance(other, Constant):
                        key = alike(other.value)
                        if key is not ODD:
                            yield pattern.label, one.name, key
        yield pattern.label, None, None
