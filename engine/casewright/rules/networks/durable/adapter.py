"""The durable network: ``durable-rules`` behind what makes it safe to use.

Productions are lowered, placed in rulesets and made once. A call writes the facts that concern them
as messages, asks the library which fit together, and combines. What it cannot be asked safely (too
many facts or pairs, values that it would compare otherwise) the native network answers, which finds
the same; so it does where the library fails, and where an expression does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from casewright.feel import BudgetExceeded
from casewright.rules.networks.durable.clauses import NotLowered
from casewright.rules.networks.durable.combining import Combiner
from casewright.rules.networks.durable.concern import Concern
from casewright.rules.networks.durable.layout import Layout, layouts
from casewright.rules.networks.durable.limits import MAX_FACTS
from casewright.rules.networks.durable.lowering import lower
from casewright.rules.networks.durable.messages import TextNumbers, Unsafe, Writer
from casewright.rules.networks.durable.pairing import Pairing
from casewright.rules.networks.durable.ruleset import Failed, Ruleset
from casewright.rules.networks.native import ACTIVATIONS, NativeNetwork
from casewright.view import RecordsMissing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from casewright.rules.networks.contract import Activation, Around, Fact, Pattern, Production
    from casewright.rules.networks.durable.combining import Positions
    from casewright.rules.networks.durable.concern import Need
    from casewright.rules.networks.durable.lowering import Family, Lowered

_TO_NATIVE = (Unsafe, Failed, BudgetExceeded, RecordsMissing)


def lower_reason(production: Production) -> str | None:
    """Return why a production cannot run on the durable network, or None where it can."""
    try:
        for _ in layouts([[lower(production)]], TextNumbers().constant):
            pass
    except NotLowered as err:
        return str(err)
    return None


class DurableNetwork:
    """A network that asks ``durable-rules``.

    What the library holds is given back when the network is closed or nobody has it any more. A
    network that was closed, or that the library did not take, is answered for by the native one.

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
        self._concern = Concern(productions)
        self._parts: dict[int, _Part] | None
        try:
            self._parts = _parts(productions, self._concern, self._texts)
        except NotLowered as err:
            raise ValueError(str(err)) from err
        except Failed:
            self._parts = None

    @property
    def name(self) -> Literal["durable"]:
        """Return ``durable``."""
        return "durable"

    def activations(self, facts: Sequence[Fact], around: Around) -> list[Activation]:
        """Return all activations, as the contract defines them.

        Raises:
            FactLimit: there are too many facts or activations.
            BudgetExceeded: the evaluation budget is spent.
            RecordsMissing: conditions need records that ``related`` does not have.
        """
        parts = self._parts
        if parts is not None and len(facts) <= MAX_FACTS:
            lets, left = around.lets, around.budget.left
            around.lets = {**lets}
            try:
                found = _Call(facts, around, self._texts.for_call()).run(self._concern, parts)
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
        parts, self._parts = self._parts, None
        for part in dict.fromkeys((parts or {}).values()):
            part.ruleset.close()

    def _twin(self) -> NativeNetwork:
        if self._native is None:
            self._native = NativeNetwork(self._productions)
        return self._native


class _Part:
    """The productions of one ruleset.

    Attributes:
        inside: by place among all productions.
        used: types of the messages that concern each.
        writers: of messages, by type.
        owners: the family of each rule.
    """

    __slots__ = ("inside", "owners", "pairing", "ruleset", "used", "writers")

    def __init__(self, layout: Layout, inside: Mapping[int, Lowered]) -> None:
        self.inside = inside
        self.used = dict(zip(inside, layout.used, strict=True))
        self.owners = layout.owners
        self.ruleset = Ruleset(layout.text())
        self.pairing = Pairing(family for one in inside.values() for family in one.families)
        worked_out: dict[str, Pattern] = {}
        for one in inside.values():
            worked_out |= one.worked_out
        self.writers = {kind: Writer(kind, worked_out) for kind in layout.types}


def _parts(
    productions: Sequence[Production], concern: Concern, texts: TextNumbers
) -> dict[int, _Part]:
    """Return the ruleset of each production, by place; those that go together are in one."""
    together: dict[Need, list[int]] = {}
    for place, need in enumerate(concern.rarest):
        together.setdefault(need, []).append(place)
    rest = iter([place for some in together.values() for place in some])
    groups = [[lower(productions[place]) for place in some] for some in together.values()]
    found: dict[int, _Part] = {}
    for layout, inside in layouts(groups, texts.constant):
        part = _Part(layout, {next(rest): one for one in inside})
        found |= dict.fromkeys(part.inside, part)
    return found


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

    def run(self, concern: Concern, parts: Mapping[int, _Part]) -> list[Activation]:
        """Return the activations, by production in the order given.

        Raises:
            Unsafe, Failed: the library must not be asked, or gave no answer.
        """
        concerned: dict[_Part, list[int]] = {}
        for place in concern.places(self._facts, self._labels):
            concerned.setdefault(parts[place], []).append(place)
        found: dict[int, list[Activation]] = {}
        for part, places in concerned.items():
            part.pairing.check(self._facts, self._labels)
            matches = self._matches(part, places)
            for place in places:
                one = part.inside[place]
                bindings = {()} if one.base is None else matches.get(one.base)
                if bindings:
                    combiner = Combiner(one, matches, self._facts, self._around)
                    found[place] = combiner.activations(bindings)
        return [activation for place in sorted(found) for activation in found[place]]

    def _matches(self, part: _Part, places: Iterable[int]) -> dict[Family, set[Positions]]:
        messages: list[str] = []
        positions: list[int] = []
        for kind in {kind: None for place in places for kind in part.used[place]}:
            message = part.writers[kind].message
            for position in self._labels.get(kind.label, ()):
                fact = self._facts[position]
                messages.append(message(len(messages), fact, self._texts, self._around))
                positions.append(position)
        found: dict[Family, set[Positions]] = {}
        for rule, numbers in part.ruleset.matches(messages):
            bound = tuple([positions[number] for number in numbers])
            found.setdefault(part.owners[rule], set()).add(bound)
        return found
