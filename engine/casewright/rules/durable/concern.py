"""Which productions the facts of a call may concern, so that the others cost nothing.

A production needs a fact for each of its patterns: one of the pattern's label and, where the
pattern says that a value equals a constant, one with that value. It is looked up by the rarest of
what it needs, and must find all its labels.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casewright.rules.alike import ODD, alike
from casewright.rules.terms import Compare, Constant, FieldOf

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from casewright.rules.network import Fact, Production


@dataclass(frozen=True, slots=True)
class Need:
    """A fact without which a production has no activation.

    Attributes:
        label: of the fact.
        name: of a value that it has; None if any fact of the label will do.
        key: of that value, as ``alike`` gives it.
    """

    label: str
    name: str | None = None
    key: Hashable = None


class Concern:
    """What productions need, by place.

    Attributes:
        rarest: of each production, the need that it is looked up by.
    """

    __slots__ = ("_labels", "_places", "_values", "rarest")

    def __init__(self, productions: Sequence[Production]) -> None:
        needs = [list(dict.fromkeys(_needs(production))) for production in productions]
        counts = Counter(need for some in needs for need in some)
        self.rarest = [min(some, key=counts.__getitem__) for some in needs]
        self._labels = [frozenset(p.label for p in one.patterns) for one in productions]
        self._places: dict[Need, list[int]] = {}
        for place, need in enumerate(self.rarest):
            self._places.setdefault(need, []).append(place)
        self._values = {(need.label, need.name) for need in self.rarest if need.name is not None}

    def places(self, facts: Sequence[Fact], labels: Mapping[str, Sequence[int]]) -> list[int]:
        """Return the places of the productions that the facts may concern, ascending.

        Args:
            labels: positions of facts by label.
        """
        there = {Need(label) for label in labels}
        for label, name in self._values:
            for position in labels.get(label, ()):
                there.add(Need(label, name, alike(facts[position].data.get(name))))
        found = [place for need in there for place in self._places.get(need, ())]
        return sorted(place for place in found if self._labels[place] <= labels.keys())


def _needs(production: Production) -> Iterator[Need]:
    for pattern in production.patterns:
        for condition in pattern.conditions:
            term = condition.term
            if not condition.reads and isinstance(term, Compare) and term.op == "=":
                for one, other in ((term.left, term.right), (term.right, term.left)):
                    if isinstance(one, FieldOf) and isinstance(other, Constant):
                        key = alike(other.value)
                        if key is not ODD:
                            yield Need(pattern.label, one.name, key)
        yield Need(pattern.label)
