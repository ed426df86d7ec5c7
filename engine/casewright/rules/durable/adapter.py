"""The durable network: ``durable-rules`` behind what makes it safe to use.

Productions are lowered, placed in rulesets and made once. A call writes the facts that concern them
as messages, asks the library which fit together, and combines. What it cannot be asked safely (too
many facts or pairs, values that it would compare otherwise) the native network answers, which finds
the same; so it does where the library fails, and where an expression does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from casewright.feel import BudgetExceeded
from casewright.rules.durable.clauses import NotLowered
from casewright.rules.durable.combining import Combiner
from casewright.rules.durable.layout import Layout, layouts
from casewright.rules.durable.limits import MAX_FACTS
from casewright.rules.durable.lowering import lower
from casewright.rules.durable.messages import TextNumbers, Unsafe, Writer
from casewright.rules.durable.pairing import Pairing
from casewright.rules.durable.ruleset import Failed, Ruleset
from casewright.rules.native import ACTIVATIONS, NativeNetwork
from casewright.view import RecordsMissing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from casewright.rules.durable.combining import Positions
    from casewright.rules.durable.layout import Type
    from casewright.rules.durable.lowering import Family, Lowered
    from casewright.rules.network import Activation, Around, Fact, Pattern, Production

_TO_NATIVE = (Unsafe, Failed, BudgetExceeded, RecordsMissing)


def lower_reason(production: Production) -> str | None:
    """Return why a production cannot run on the durable network, or None where it can."""
    try:
        for _ in layouts([lower(production)], TextNumbers().constant):
            pass
    except NotLowered as err:
        return str(err)
    return None


class DurableNetwork:
    """A network that asks ``durable-rules``.

    What the library holds is given back when the network is closed or nobody has it any more. A
    network that was closed is answered for by the native one.

    Attributes:
        fallbacks: calls that the native network answered.
    """

    def __init__(self, productions: Sequence[Production]) -> None:
        """Lower productions and hand them to the library.

        Raises:
            ValueError: a production cannot be lowered.
            ModuleNotFoundError: the library is not installed.
        """
        self.fallbacks = 0
        self._productions = tuple(productions)
        self._native: NativeNetwork | None = None
        self._texts = TextNumbers()
        try:
            lowered = [lower(production) for production in productions]
            placed = list(layouts(lowered, self._texts.constant))
        except NotLowered as err:
            raise ValueError(str(err)) from err
        self._parts = [_Part(layout, inside) for layout, inside in placed]

    @property
    def name(self) -> Literal["durable"]:
        """Return ``durable``."""
        return "durable"

    def activations(self, facts: Sequence[Fact], around: Around) -> list[Activation]:
        """Return all activations, as :class:`~casewright.rules.network.Network` defines them.

        Raises:
            FactLimit: there are too many facts or activations.
            BudgetExceeded: the evaluation budget is spent.
            RecordsMissing: conditions need records that ``related`` does not have.
        """
        if self._parts and len(facts) <= MAX_FACTS:
            lets, left = around.lets, around.budget.left
            around.lets = {**lets}
            try:
                found = _Call(facts, around, self._texts.for_call()).run(self._parts)
            except _TO_NATIVE:
                around.budget.left = left
            else:
                if len(found) <= ACTIVATIONS:
                    return found
                around.budget.left = left
            finally:
                around.lets = lets
        self.fallbacks += 1
        return self._twin().activations(facts, around)

    def close(self) -> None:
        """Let go of what the library holds; a second call does nothing."""
        parts, self._parts = self._parts, []
        for part in parts:
            part.ruleset.close()

    def _twin(self) -> NativeNetwork:
        if self._native is None:
            self._native = NativeNetwork(self._productions)
        return self._native


class _Part:
    """The productions of one ruleset.

    Attributes:
        by_label: places of productions by the label of their first pattern.
        needs: labels without which a production has no activation.
    """

    __slots__ = ("by_label", "layout", "lowered", "needs", "pairing", "ruleset", "worked_out")

    def __init__(self, layout: Layout, lowered: Sequence[Lowered]) -> None:
        self.layout = layout
        self.lowered = tuple(lowered)
        self.ruleset = Ruleset(layout.text())
        self.pairing = Pairing(family for one in lowered for family in one.families)
        self.worked_out: dict[str, Pattern] = {}
        self.needs: list[frozenset[str]] = []
        self.by_label: dict[str, list[int]] = {}
        for place, one in enumerate(lowered):
            patterns = one.production.patterns
            self.worked_out |= one.worked_out
            self.needs.append(frozenset(pattern.label for pattern in patterns))
            self.by_label.setdefault(patterns[0].label, []).append(place)

    def concerned(self, labels: Mapping[str, Sequence[int]]) -> list[int]:
        """Return the productions whose patterns all have facts, in order."""
        found = [
            place
            for label in labels
            for place in self.by_label.get(label, ())
            if self.needs[place] <= labels.keys()
        ]
        return sorted(found)


class _Call:
    """One call."""

    __slots__ = ("_around", "_facts", "_labels", "_texts")

    def __init__(self, facts: Sequence[Fact], around: Around, texts: TextNumbers) -> None:
        self._facts = facts
        self._around = around
        self._texts = texts
        self._labels: dict[str, list[int]] = {}
        for position, fact in enumerate(facts):
            for label in fact.labels:
                self._labels.setdefault(label, []).append(position)

    def run(self, parts: Iterable[_Part]) -> list[Activation]:
        """Return the activations.

        Raises:
            Unsafe, Failed: the library must not be asked, or gave no answer.
        """
        found: list[Activation] = []
        for part in parts:
            places = part.concerned(self._labels)
            if places:
                self._run(part, places, found)
        return found

    def _run(self, part: _Part, places: Sequence[int], activations: list[Activation]) -> None:
        part.pairing.check(self._facts, self._labels)
        types = {kind: None for place in places for kind in part.layout.used[place]}
        matches = self._matches(part, types)
        for place in places:
            one = part.lowered[place]
            bindings = {()} if one.base is None else matches.get(one.base, ())
            if bindings:
                combiner = Combiner(one, matches, self._facts, self._around)
                activations += combiner.activations(bindings)

    def _matches(self, part: _Part, types: Iterable[Type]) -> dict[Family, set[Positions]]:
        messages: list[str] = []
        positions: list[int] = []
        for kind in types:
            writer = Writer(kind, self._texts, part.worked_out, self._around)
            for position in self._labels.get(kind.label, ()):
                messages.append(writer.message(len(messages), self._facts[position]))
                positions.append(position)
        found: dict[Family, set[Positions]] = {}
        owners = part.layout.owners
        for rule, numbers in part.ruleset.matches(messages):
            bound = tuple([positions[number] for number in numbers])
            found.setdefault(owners[rule], set()).add(bound)
        return found
