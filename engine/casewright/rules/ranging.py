"""Compiling ``for_each`` of a rule: its lists, and its condition as patterns of a network.

The condition is taken apart at its top-level ``and``. A part belongs to the last list that it
names; one that names two joins them, by a look-up where it is an equality.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.bind.fields import FieldDefinition
from casewright.bind.places import is_expression
from casewright.bind.shape import FEEL_WORDS, SCOPE_WORDS
from casewright.feel import Name, tree
from casewright.feel import types as feel
from casewright.rules.bindings import ITEM, Listed, Over
from casewright.rules.networks.choosing import NetworkUse, network_for
from casewright.rules.networks.contract import Condition, Pattern, Production
from casewright.rules.networks.native import NativeNetwork
from casewright.rules.networks.reading_terms import conjuncts, term_of
from casewright.rules.networks.terms import FieldOf
from casewright.spec.clock_view import CLOCK_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casewright.bind.binder import Binder
    from casewright.bind.expressions import Position
    from casewright.bind.places import Where
    from casewright.bind.values import Value
    from casewright.feel import Expression
    from casewright.rules.networks.choosing import Wanted
    from casewright.rules.networks.contract import Network
    from casewright.rules.networks.reading_terms import FieldFinder

FACTS = 2_000
BINDINGS = 1_000
COMBINATIONS = 50_000
"""Bounds of one look at a rule: elements, bindings that hold, and elements tried together."""

_KINDS: Mapping[feel.Type, str] = {
    feel.STRING: "string",
    feel.NUMBER: "number",
    feel.BOOLEAN: "boolean",
    feel.DATE: "date",
    feel.DATE_TIME: "date_time",
    feel.DAYS_TIME: "duration",
    feel.YEARS_MONTHS: "duration",
    feel.UNIT_DURATION: "duration",
}
_IDENTITIES = ("id", "name")
_SHORT = "the lists of one case are short"


class Lists:
    """The lists of a rule while it is compiled."""

    def __init__(
        self,
        binder: Binder,
        raw: Mapping[str, object],
        where: Where,
        position: Position,
        extra: Mapping[str, Name],
    ) -> None:
        """Compile them; mistakes are reported.

        Args:
            binder: of the case type.
            raw: lists by name, as written.
            where: of ``for_each``.
            position: of the rule.
            extra: names besides those of the case type.
        """
        self.listed: list[Listed] = []
        self.names: dict[str, Name] = {}
        for name, value in raw.items():
            if name in SCOPE_WORDS or name in FEEL_WORDS:
                message = f'"{name}" cannot name elements: it means something else everywhere'
                binder.report("CW703", where / name, message, "choose another name", key=True)
                continue
            if isinstance(value, str) and not is_expression(value):
                cure = f'write "= {value}", if that is the list'
                binder.report("CW705", where / name, f'"{value}" is a text, no list', cure)
                made = None
            else:
                made = binder.value(value, where / name, position, None, extra)
            if made is None:
                self.names[name] = Name(feel.ANY, "None", ("let",))  # no mistakes that follow
            else:
                self._add(binder, name, made)

    @property
    def values(self) -> list[Value]:
        """Return the values that give the lists."""
        return [one.value for one in self.listed]

    def _add(self, binder: Binder, name: str, value: Value) -> None:
        kind = value.type.item if isinstance(value.type, feel.ListType) else value.type
        is_plain = isinstance(kind, feel.ContextType) and all(
            member.read is None for member in kind.members.values()
        )
        read = f"s.lets.get({name!r})"
        if not is_plain:
            read = f"({read} or {{}}).get({ITEM!r})"
        self.names[name] = Name(kind, read, _origin(binder, value, kind))
        types: dict[str, feel.Type] = {ITEM: kind}
        if isinstance(kind, feel.ContextType) and is_plain:
            types = {n: member.type for n, member in kind.members.items()}
        identity = next((n for n in _IDENTITIES if n in types), None)
        fields = {n: made for n, t in types.items() if (made := _field(n, t)) is not None}
        self.listed.append(Listed(name, value, is_plain, identity, fields, frozenset({name})))

    def over(self, rule: str, when: Expression | None, wanted: Wanted) -> tuple[Over, NetworkUse]:
        """Return what the rule ranges over, and what brings it together.

        Args:
            rule: its name.
            when: its condition, compiled with ``names``.
            wanted: the network that is wanted.
        """
        gate, conditions = self._parted(when)
        patterns = [Pattern(one.name, one.name, conditions[one.name]) for one in self.listed]
        production = Production(rule, tuple(patterns))
        network, use = _network(production, wanted)
        return Over(tuple(self.listed), gate, production, network), use

    def follows(self, when: Expression | None) -> bool:
        """Return True if a condition goes on from an element to a record, which has no bit."""
        known = {one.name: one for one in self.listed}
        pending: list[tree.Node] = [] if when is None else [when.tree]
        while pending:
            node = pending.pop()
            if isinstance(node, tree.Path) and _depth(node, known) > 0:
                return True
            pending.extend(node.parts())
        return False

    def _parted(
        self, when: Expression | None
    ) -> tuple[tuple[Expression, ...], dict[str, tuple[Condition, ...]]]:
        order = [one.name for one in self.listed]
        find = _finder(self.listed)
        gate: list[Expression] = []
        conditions: dict[str, tuple[Condition, ...]] = dict.fromkeys(order, ())
        for part in () if when is None else conjuncts(when, order):
            if not part.names:
                gate.append(part.expression)
                continue
            last = max(part.names, key=order.index)
            term = term_of(part.expression, find)
            made = Condition(part.expression, part.names - {last}, term)
            conditions[last] = (*conditions[last], made)
        return tuple(gate), conditions


def _network(production: Production, wanted: Wanted) -> tuple[Network, NetworkUse]:
    if wanted == "durable":
        network, uses = network_for([production], wanted)
        return network, uses[0]
    native = NativeNetwork(
        [production],
        facts=FACTS,
        activations=BINDINGS,
        combinations=COMBINATIONS,
        is_charged=True,
    )
    return native, NetworkUse(production.name, "native", _SHORT)


def _origin(binder: Binder, value: Value, kind: feel.Type) -> tuple[str, ...]:
    """Return the path of an element: what is read of children and clocks is to be known."""
    if kind is CLOCK_TYPE:
        return ("sla", "")
    heads = sorted(path[0] for path in value.reads)
    return (next((head for head in heads if head in binder.related), "let"),)


def _field(name: str, kind: feel.Type) -> FieldDefinition | None:
    """Return a member of elements as a field, None where its type says too little."""
    many = isinstance(kind, feel.ListType)
    item = kind.item if isinstance(kind, feel.ListType) else kind
    word = "string" if isinstance(item, feel.ReferenceType) else _KINDS.get(item)
    return None if word is None else FieldDefinition(name, word, kind, many=many)


def _finder(listed: Sequence[Listed]) -> FieldFinder:
    known = {one.name: one for one in listed}

    def find(node: tree.Node) -> FieldOf | None:
        if isinstance(node, tree.Path) and isinstance(node.base, tree.Name):
            one, name = known.get(node.base.name), node.name
            return None if one is None or not one.is_plain else _field_of(one, name)
        if isinstance(node, tree.Name):
            one = known.get(node.name)
            return None if one is None or one.is_plain else _field_of(one, ITEM)
        return None

    return find


def _field_of(one: Listed, name: str) -> FieldOf | None:
    definition = one.fields.get(name)
    if definition is None or definition.many:
        return None
    return FieldOf(one.name, name, definition.kind)


def _depth(node: tree.Node, known: Mapping[str, Listed]) -> int:
    """Return how many records a path goes on to from an element."""
    depth = 0
    while isinstance(node, tree.Path):
        node, depth = node.base, depth + 1
    one = known.get(node.name) if isinstance(node, tree.Name) else None
    return 0 if one is None else depth - one.is_plain
