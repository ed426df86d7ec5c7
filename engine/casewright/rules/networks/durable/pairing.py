"""How many matches a call may come to, before the library is asked.

The library joins as soon as it is told of a fact, and cannot be stopped: 600 facts that all go
together are 360,000 matches and 300 MB. So the joins of a call are bounded beforehand, from the
number of facts of each label and, where that is too much, of those that share a value that has to
be equal.
"""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING

from casewright.rules.networks.alike import alike
from casewright.rules.networks.durable.clauses import Lacks
from casewright.rules.networks.durable.limits import MAX_MATCHES
from casewright.rules.networks.durable.messages import Unsafe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from casewright.rules.networks.contract import Fact
    from casewright.rules.networks.durable.lowering import Family, Part


class Pairing:
    """The joins of a ruleset, by the labels of their facts."""

    __slots__ = ("_longest", "_rules", "_variants")

    def __init__(self, families: Iterable[Family]) -> None:
        together: dict[tuple[str, ...], list[tuple[Part, ...]]] = {}
        self._longest = self._variants = 0
        for family in families:
            if not family.variants or len(family.patterns) < 2:
                continue
            self._longest = max(self._longest, len(family.patterns))
            self._variants += len(family.variants)
            labels = tuple(part.label for part in family.variants[0])
            together.setdefault(labels, []).extend(family.variants)
        self._rules: dict[str, list[tuple[tuple[str, ...], list[tuple[Part, ...]]]]] = {}
        for labels, variants in together.items():
            self._rules.setdefault(labels[0], []).append((labels, variants))

    def check(self, facts: Sequence[Fact], labels: Mapping[str, Sequence[int]]) -> None:
        """Check that the joins of a call are few.

        Raises:
            Unsafe: they may be too many.
        """
        if self._variants * _frames([len(facts)] * self._longest) <= MAX_MATCHES:
            return
        counts = {label: len(positions) for label, positions in labels.items()}
        joined = [
            (_frames([counts.get(name, 0) for name in joins]), variants)
            for label in labels
            for joins, variants in self._rules.get(label, ())
        ]
        if sum(frames * len(variants) for frames, variants in joined) <= MAX_MATCHES:
            return
        shares = _Shares(facts, labels)
        total = 0
        for frames, variants in joined:
            for variant in variants:
                total += min(frames, _frames(shares.of(part) for part in variant))
            if total > MAX_MATCHES:
                raise Unsafe("the facts may go together in too many ways")


def _frames(counts: Iterable[int]) -> int:
    """Return how many frames a join may keep, all its beginnings included."""
    return sum(accumulate(counts, mul))


class _Shares:
    """How many facts of a pattern one choice of those before it can go with, at most."""

    __slots__ = ("_facts", "_known", "_labels")

    def __init__(self, facts: Sequence[Fact], labels: Mapping[str, Sequence[int]]) -> None:
        self._facts = facts
        self._labels = labels
        self._known: dict[tuple[str, str], Counter[object]] = {}

    def of(self, part: Part) -> int:
        """Return the number for a pattern of a rule."""
        found = len(self._labels.get(part.label, ()))
        for literal in part.alone:
            if isinstance(literal, Lacks):
                found = min(found, self._counted(part.label, literal.field.name)[None])
        for join in part.joins:
            if join.op == "=" and found > 1:
                counted = self._counted(part.label, join.field.name)
                found = min(found, max(counted.values(), default=0))
        return found

    def _counted(self, label: str, name: str) -> Counter[object]:
        known = self._known.get((label, name))
        if known is None:
            values = (self._facts[i].data.get(name) for i in self._labels.get(label, ()))
            known = self._known[label, name] = Counter(alike(value) for value in values)
        return known
