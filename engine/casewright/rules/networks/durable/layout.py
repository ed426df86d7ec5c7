"""Where rules of the library go: types and rulesets, within what its tables hold.

Facts of one label become messages of one type, of several where so many patterns take them that
the library's stack would not hold those that one message passes; each type has patterns of its own
and the facts are handed over once a type. What does not fit into one ruleset goes to the next.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from casewright.rules.networks.durable.clauses import NotLowered, fields_of
from casewright.rules.networks.durable.limits import (
    FULL,
    LARGE,
    MAX_COLUMNS,
    MAX_RULES,
    MAX_TYPES,
    collisions,
)
from casewright.rules.networks.durable.message_types import Type, column_of, nameless
from casewright.rules.networks.durable.writing import Rule, RuleWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from casewright.rules.networks.durable.lowering import Family, Lowered, Part

RESERVED = ("_t", "_k", "id", "sid", "$s")
PROBE = "p"
"""A rule that fires for messages of the type 0, which no fact has."""


class Layout:
    """One ruleset of the library.

    Attributes:
        rules: in the order of their numbers.
        owners: the family of each rule.
        types: of its messages.
        used: types of the messages that concern a production, for each that was added.
    """

    __slots__ = ("_code", "_open", "owners", "rules", "types", "used")

    def __init__(self, code: Callable[[str], int]) -> None:
        self.rules: list[Rule] = []
        self.owners: list[Family] = []
        self.types: list[Type] = []
        self.used: list[tuple[Type, ...]] = []
        self._open: dict[str, list[Type]] = {}
        self._code = code

    def has(self, rules: int) -> bool:
        """Return True if there are so many rules, or types."""
        return len(self.rules) >= rules or len(self.types) >= rules

    def begin(self) -> None:
        """Begin a group: its productions get types of their own."""
        self._open = {}

    def add(self, lowered: Lowered) -> None:
        """Make the rules of a production."""
        used: dict[Type, None] = {}
        for family in lowered.families:
            for variant in family.variants:
                types = self._placed(variant, is_absent=family.is_absent)
                used |= dict.fromkeys(types.values())
                self.owners.append(family)
                self.rules.append(RuleWriter(variant, types, self._code).text())
        self.used.append(tuple(used))

    def text(self) -> str:
        """Return the ruleset as the library reads it, with a rule that the probe message fires."""
        rules: Rule = {f"r{number}": rule for number, rule in enumerate(self.rules)}
        rules[PROBE] = {"all": [{"a0": {"$and": [{"_t": 0}]}}]}
        return json.dumps(rules, separators=(",", ":"))

    def check(self) -> None:
        """Check that the library can tell the properties apart and that its tables suffice.

        Raises:
            NotLowered: it cannot.
        """
        keys = {column.key for one in self.types for column in one.columns.values()}
        if found := collisions([*RESERVED, *sorted(keys)]):
            raise NotLowered(f"properties {found[0]} are the same to the library")
        if len(self.types) > MAX_TYPES or len(self.rules) > MAX_RULES:
            raise NotLowered("its production is too large for a ruleset")

    # --- types --------------------------------------------------------------------------------

    def _placed(self, variant: tuple[Part, ...], *, is_absent: bool) -> dict[str, Type]:
        """Return the types of the messages that a rule's patterns take, by pattern."""
        read: dict[str, set[tuple[str, str]]] = {part.pattern: set() for part in variant}
        for part in variant:
            for literal in (*part.alone, *part.joins):
                for field in fields_of(literal):
                    read[field.pattern].add(column_of(field))
        found: dict[str, Type] = {}
        for part in variant:
            # One message never fits two patterns of a rule, but what must not be there may be a
            # fact that another pattern holds; so that pattern gets messages of its own.
            is_apart = is_absent and part is variant[-1]
            taken = set(found.values()) if is_apart else set[Type]()
            found[part.pattern] = self._place(part, read[part.pattern], taken)
        return found

    def _place(self, part: Part, columns: set[tuple[str, str]], taken: set[Type]) -> Type:
        tests = frozenset(nameless(literal) for literal in part.alone)
        types = self._open.setdefault(part.label, [])
        for one in types:
            if one not in taken and one.has_room(tests, columns):
                break
        else:
            one = Type(part.label, len(self.types) + 1)
            if not one.has_room(tests, columns):
                raise NotLowered(f"`{part.pattern}` reads more than {MAX_COLUMNS} values")
            types.append(one)
            self.types.append(one)
        one.take(tests, columns)
        return one


def layouts(
    groups: Iterable[Sequence[Lowered]], code: Callable[[str], int]
) -> Iterator[tuple[Layout, list[Lowered]]]:
    """Yield rulesets with the productions that went into each, in their order.

    Args:
        groups: of productions that the same facts concern; each has types of its own, so that facts
            do not meet the tests of others.
        code: gives the number of a text that a rule names.

    Raises:
        NotLowered: a production is too large for the library's tables.
    """
    layout, inside = Layout(code), list["Lowered"]()
    for group in groups:
        layout.begin()
        for place, one in enumerate(group):
            if layout.has(LARGE if place else FULL):
                layout.check()
                yield layout, inside
                layout, inside = Layout(code), []
            layout.add(one)
            inside.append(one)
    if inside:
        layout.check()
        yield layout, inside
