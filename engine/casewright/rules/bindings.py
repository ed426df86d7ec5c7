"""A rule over several facts of its case: what it ranges over, and for which of them it holds.

Its lists are worked out on a moment of the case, their elements become facts, and a network finds
which of them fit together. What ties a binding to the one that fired for it is its key: elements
are told apart by ``id`` or ``name`` where they have one, so that one that changes stays the same
element, else by their whole value.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import msgspec

from casewright.rules.networks.contract import Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.bind.values import Value
    from casewright.feel import Expression
    from casewright.rules.networks.contract import Activation, Network, Production
    from casewright.view import View

ITEM = "item"
"""The name of an element, in the data of its fact, that is no context."""
_KEY_LENGTH = 80

_JSON = msgspec.json.Encoder(order="deterministic", decimal_format="number", enc_hook=str)


@dataclass(frozen=True, slots=True)
class Binding:
    """One element of every list.

    Attributes:
        key: tells it apart from the rule's other bindings, now and later.
        facts: data of the elements, by the name of their list.
    """

    key: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """One list of a rule.

    Attributes:
        name: of its elements in conditions and actions.
        value: gives the list; null is empty, a value that is no list is one element.
        is_plain: its elements are contexts; others are wrapped into one.
        identity: the member that tells elements apart, or None.
        fields: types of the members of its elements, as far as they are known.
        labels: of its facts.
    """

    name: str
    value: Value
    is_plain: bool
    identity: str | None
    fields: Mapping[str, FieldDefinition]
    labels: frozenset[str]

    def facts(self, s: View) -> list[tuple[str, Fact]]:
        """Return the elements that are there on ``s``, not null, with their keys."""
        found: dict[str, Fact] = {}
        for data in self._elements(s):
            key = self._key(data)
            number = 2
            unique = key
            while unique in found:
                unique = f"{key}#{number}"
                number += 1
            found[unique] = Fact(f"{self.name}/{unique}", self.labels, data)
        return list(found.items())

    def _elements(self, s: View) -> Iterable[dict[str, Any]]:
        value = self.value.get(s, s.budget)
        elements = cast("list[Any]", value) if isinstance(value, list | tuple) else [value]
        for element in elements:
            if element is None:
                continue
            if not self.is_plain:
                yield {ITEM: element}
            elif isinstance(element, dict):
                yield cast("dict[str, Any]", element)

    def _key(self, data: Mapping[str, Any]) -> str:
        known = data.get(self.identity) if self.identity is not None else None
        value = data if self.is_plain else data[ITEM]
        for text in (known, value):
            if isinstance(text, str):
                return text
        return _JSON.encode(value).decode().strip('"')


@dataclass(frozen=True, slots=True, eq=False)
class Over:
    """What a rule ranges over.

    Attributes:
        lists: in file order.
        gate: parts of the condition that read no element.
        production: the other parts, by list.
        network: finds the elements that fit together by them.
    """

    lists: tuple[Listed, ...]
    gate: tuple[Expression, ...]
    production: Production
    network: Network

    def bindings(self, s: View) -> list[Binding]:
        """Return the bindings that hold on ``s``, in the order of the lists' elements.

        Raises:
            FactLimit: the lists are too long, or too many elements fit together.
            BudgetExceeded: the evaluation budget is spent.
        """
        if not all(part.true(s, s.budget) for part in self.gate):
            return []
        listed = self.listed(s)
        found = self.network.activations([fact for _, fact in listed], s)
        return [self._binding(activation, listed) for activation in found]

    def listed(self, s: View) -> list[tuple[str, Fact]]:
        """Return the elements that are there on ``s``, with their keys."""
        return [pair for one in self.lists for pair in one.facts(s)]

    def _binding(self, found: Activation, listed: list[tuple[str, Fact]]) -> Binding:
        chosen = [listed[positions[0]] for positions in found.facts]
        facts = {one.name: fact.data for one, (_, fact) in zip(self.lists, chosen, strict=True)}
        return Binding(_joined([key for key, _ in chosen]), facts)


def _joined(keys: list[str]) -> str:
    """Return one key for several, that may stand in the key of a timer."""
    text = keys[0] if len(keys) == 1 else _JSON.encode(keys).decode()
    if len(text) <= _KEY_LENGTH and text.isprintable():
        return text
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
