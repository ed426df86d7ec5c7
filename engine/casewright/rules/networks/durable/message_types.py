"""Types of messages: what the library is told of facts of one label, and how often it tests that.

Messages are made of short names of our own, so that no name of a spec reaches the library, which
knows names by a hash that it does not check.
"""

from __future__ import annotations

from casewright.rules.networks.durable.clauses import Against, Has, Lacks
from casewright.rules.networks.durable.limits import MAX_COLUMNS, MAX_FAN_OUT, MAX_SAME
from casewright.rules.networks.terms import FieldOf, Sum


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


def column_of(field: FieldOf) -> tuple[str, str]:
    """Return name and family of the property that holds a value."""
    return field.name, field.kind


def nameless(literal: object) -> object:
    """Return a literal on one fact without the name of the pattern, which rules do not know."""
    match literal:
        case Has(field=field):
            return "has", *column_of(field)
        case Lacks(field=field):
            return "lacks", *column_of(field)
        case Against(op=op, field=field, other=other):
            return op, *column_of(field), nameless(other)
        case FieldOf():
            return column_of(literal)
        case Sum(op=op, left=left, right=right):
            return op, nameless(left), nameless(right)
        case _:
            return literal
