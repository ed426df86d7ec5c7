"""Where rules of the library go: types, properties and rulesets, within what its tables hold.

Facts of one label become messages of one type, of several where so many patterns take them that
the library's stack would not hold those that one message passes; each type has patterns of its own
and the facts are handed over once a type. What does not fit into one ruleset goes to the next.
Rules and messages are made of short names of our own, so that no name of a spec reaches the
library, which knows names by a hash that it does not check.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from casewright.rules.durable.clauses import Against, Has, Lacks, NotLowered, fields_of
from casewright.rules.durable.limits import (
    FULL,
    LARGE,
    MAX_COLUMNS,
    MAX_FAN_OUT,
    MAX_RULES,
    MAX_SAME,
    MAX_TYPES,
    collisions,
)
from casewright.rules.terms import Constant, FieldOf, Sum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from casewright.rules.durable.clauses import Literal
    from casewright.rules.durable.lowering import Family, Lowered, Part
    from casewright.rules.terms import Operand

RESERVED = ("_t", "_k", "id", "sid", "$s")
PROBE = "p"
"""A rule that fires for messages of the type 0, which no fact has."""
_OPS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_SUMS = {"+": "$add", "-": "$sub", "*": "$mul"}
Rule = dict[str, Any]


class Column:
    """A property of the messages of a type.

    Attributes:
        name: of the value in the fact's data; for what is worked out in Python, of that.
        family: how its values are given.
        key: name of the property.
    """

    __slots__ = ("family", "key", "name")

    def __init__(self, name: str, family: str, key: str) -> None:
        self.name = name
        self.family = family
        self.key = key


class Type:
    """A type of messages: the facts of a label, as far as some patterns read them.

    Attributes:
        number: value of the property ``_t``.
        columns: by name and family, in the order in which they were first needed.
    """

    __slots__ = ("_uses", "columns", "label", "number")

    def __init__(self, label: str, number: int) -> None:
        self.label = label
        self.number = number
        self.columns: dict[tuple[str, str], Column] = {}
        self._uses: dict[object, int] = {}

    def has_room(self, tests: object, columns: set[tuple[str, str]]) -> bool:
        """Return True if one more pattern with these tests may take its messages."""
        uses = self._uses.get(tests)
        if uses is None and len(self._uses) >= MAX_FAN_OUT:
            return False
        if uses is not None and uses >= MAX_SAME:
            return False
        return len(self.columns.keys() | columns) <= MAX_COLUMNS

    def take(self, tests: object, columns: set[tuple[str, str]]) -> None:
        """Note a pattern with these tests."""
        self._uses[tests] = self._uses.get(tests, 0) + 1
        for name, family in sorted(columns):
            if (name, family) not in self.columns:
                key = f"f{len(self.columns)}"
                self.columns[name, family] = Column(name, family, key)


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
                self.rules.append(_Rule(variant, types, self._code).text())
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
                    read[field.pattern].add(_column(field))
        found: dict[str, Type] = {}
        for part in variant:
            # One message never fits two patterns of a rule, but what must not be there may be a
            # fact that another pattern holds; so that pattern gets messages of its own.
            is_apart = is_absent and part is variant[-1]
            taken = set(found.values()) if is_apart else set[Type]()
            found[part.pattern] = self._place(part, read[part.pattern], taken)
        return found

    def _place(self, part: Part, columns: set[tuple[str, str]], taken: set[Type]) -> Type:
        tests = frozenset(_nameless(literal) for literal in part.alone)
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


class _Rule:
    """Writes a rule as the library reads it."""

    __slots__ = ("_aliases", "_code", "_types", "_variant")

    def __init__(
        self, variant: tuple[Part, ...], types: Mapping[str, Type], code: Callable[[str], int]
    ) -> None:
        self._variant = variant
        self._types = types
        self._code = code
        self._aliases = {part.pattern: f"a{i}" for i, part in enumerate(variant)}

    def text(self) -> Rule:
        """Return the rule."""
        return {
            "all": [
                {self._aliases[part.pattern]: {"$and": list(self._tests(part))}}
                for part in self._variant
            ]
        }

    def _tests(self, part: Part) -> Iterator[Rule]:
        """Yield the tests of a pattern, in the only order that the library gets right.

        The type goes first, since ``$nex`` also fits facts of the library's own. What is missing
        comes before all comparisons with other values, which hold falsely without it. A pattern
        behind the first ends with a join that always holds: the library reads on behind the last
        one if that does not.
        """
        yield {"_t": self._types[part.pattern].number}
        for literal in _sorted(part.alone):
            yield self._test(literal, part.pattern)
        for join in part.joins:
            yield self._test(join, part.pattern)
        if part is not self._variant[0]:
            yield {"_k": {"a0": "_k"}}

    def _test(self, literal: Literal, own: str) -> Rule:
        key = self._key(literal.field)
        match literal:
            case Has():
                return {"$ex": {key: 1}}
            case Lacks():
                return {"$nex": {key: 1}}
            case Against(op=op, other=other):
                plain = {key: self._operand(other, own)}
                return plain if op == "=" else {_OPS[op]: plain}

    def _operand(self, side: Operand, own: str) -> Any:
        match side:
            case Constant(value=value):
                return self._code(value) if isinstance(value, str) else value
            case FieldOf(pattern=pattern):
                return {"$m" if pattern == own else self._aliases[pattern]: self._key(side)}
            case Sum(op=op, left=left, right=right):
                return {
                    _SUMS[op]: {"$l": self._operand(left, own), "$r": self._operand(right, own)}
                }

    def _key(self, field: FieldOf) -> str:
        return self._types[field.pattern].columns[_column(field)].key


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


def _column(field: FieldOf) -> tuple[str, str]:
    return field.name, field.kind


def _nameless(literal: object) -> object:
    """Return a literal on one fact without the name of the pattern, which rules do not know."""
    match literal:
        case Has(field=field):
            return "has", *_column(field)
        case Lacks(field=field):
            return "lacks", *_column(field)
        case Against(op=op, field=field, other=other):
            return op, *_column(field), _nameless(other)
        case FieldOf():
            return _column(literal)
        case Sum(op=op, left=left, right=right):
            return op, _nameless(left), _nameless(right)
        case _:
            return literal


def _sorted(alone: Iterable[Literal]) -> list[Literal]:
    """Return tests of one fact, without those of presence where a constant is asked for, too."""
    told = {one.field for one in alone if _is_constant(one)}
    kept = [one for one in alone if not isinstance(one, Has) or one.field not in told]
    return sorted(kept, key=_rank)


def _is_constant(literal: Literal) -> bool:
    return isinstance(literal, Against) and isinstance(literal.other, Constant)


def _rank(literal: Literal) -> tuple[int, str]:
    """Return the place of a test: constants, equal ones first; presence; other values."""
    if not isinstance(literal, Against):
        return 2, repr(literal)
    if not isinstance(literal.other, Constant):
        return 3, repr(literal)
    return int(literal.op != "="), repr(literal)
