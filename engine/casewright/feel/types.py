"""The types of FEEL, how they relate, and the coercions of DMN 1.5, section 10.3.2.9.4.

A type says what the compiler may rely on: generated code compares two numbers without asking what
they are. ``ANY`` promises nothing. Null belongs to every type.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from casewright.feel.far import FarDate, FarDateTime, with_time
from casewright.feel.values import FunctionValue, Range, Time, YearsMonths, is_context, is_list
from casewright.temporal import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Type:
    """A type without parts; ``name`` is the word of the language."""

    name: str

    def __str__(self) -> str:
        return self.name


ANY = Type("Any")
NULL = Type("Null")
NUMBER = Type("number")
STRING = Type("string")
BOOLEAN = Type("boolean")
DATE = Type("date")
TIME = Type("time")
DATE_TIME = Type("date and time")
DAYS_TIME = Type("days and time duration")
YEARS_MONTHS = Type("years and months duration")
UNIT_DURATION = Type("duration")


@dataclass(frozen=True, slots=True)
class Member:
    """A property of a context.

    Attributes:
        type: its type.
        read: Python source that reads it, with ``{}`` for the object; None is ``dict.get``.
    """

    type: Type
    read: str | None = None


@dataclass(frozen=True, slots=True)
class ListType(Type):
    """A list whose elements are of type ``item``.

    Attributes:
        members: properties of the list itself; they win over those of its elements.
    """

    name: str = field(default="list", init=False)
    item: Type = ANY
    members: Mapping[str, Member] = field(
        default_factory=lambda: MappingProxyType({}), compare=False, hash=False
    )

    def __str__(self) -> str:
        return f"list<{self.item}>"


@dataclass(frozen=True, slots=True, eq=False)
class ContextType(Type):
    """A context.

    Attributes:
        members: known properties by name.
        closed: another property is a mistake; else it is of type ``ANY``.
    """

    name: str = field(default="context", kw_only=True)
    members: Mapping[str, Member] = field(default_factory=lambda: MappingProxyType({}))
    closed: bool = True

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, eq=False)
class FunctionType(Type):
    """A function; ``parameters`` is None where they are not known."""

    name: str = field(default="function", init=False)
    parameters: tuple[Type, ...] | None = None
    result: Type = ANY


@dataclass(frozen=True, slots=True)
class RangeType(Type):
    """A range of values of type ``item``."""

    name: str = field(default="range", init=False)
    item: Type = ANY

    def __str__(self) -> str:
        return f"range<{self.item}>"


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceType(Type):
    """The id of a record, a text; a path behind it reads the record.

    Attributes:
        target: the record type.
        members: gives the record's properties; called late, for types refer to each other.
        follow: Python source that gives the record (a mapping or None), ``{}`` is the id.
    """

    name: str = field(default="reference", init=False)
    target: str = ""
    members: Callable[[], Mapping[str, Member]] = field(default=dict)
    follow: str = ""

    def __str__(self) -> str:
        return f"reference to {self.target}"


@dataclass(frozen=True, slots=True, eq=False)
class RecordSetType(Type):
    """All records of one type; to be narrowed by a filter on an indexed property.

    Attributes:
        name: the record type.
        item: type of one record.
        indexed: properties by which records can be selected.
        select: Python source that gives the records; ``{}`` is the value or list of values and
            ``{field!r}`` the indexed property, as in ``s.select('item', {field!r}, {})``.
    """

    item: Type = ANY
    indexed: frozenset[str] = frozenset()
    select: str = ""


_KINDS: Mapping[type, Type] = MappingProxyType(
    {
        type(None): NULL,
        bool: BOOLEAN,
        int: NUMBER,
        Decimal: NUMBER,
        str: STRING,
        date: DATE,
        datetime: DATE_TIME,
        FarDate: DATE,
        FarDateTime: DATE_TIME,
        Time: TIME,
        timedelta: DAYS_TIME,
        YearsMonths: YEARS_MONTHS,
        Duration: UNIT_DURATION,
        list: ListType(),
        tuple: ListType(),
        dict: ContextType(closed=False),
        Range: RangeType(),
        FunctionValue: FunctionType(),
    }
)


def kind(value: object) -> Type:
    """Return the type of a value without looking into it; ANY for what is no FEEL value."""
    found = _KINDS.get(value.__class__)
    if found is None:
        return ContextType(closed=False) if is_context(value) else ANY
    return found


def type_of(value: object) -> Type:
    """Return the type of a value with its parts; a list of mixed elements is of ANY."""
    if is_list(value):
        items = [type_of(item) for item in value]
        return ListType(unify(items))
    if is_context(value):
        return ContextType({k: Member(type_of(v)) for k, v in value.items()})
    if isinstance(value, Range):
        return RangeType(unify([type_of(v) for v in (value.start, value.end) if v is not None]))
    if isinstance(value, FunctionValue) and isinstance(value.kind, FunctionType):
        return value.kind
    return kind(value)


def unify(types: list[Type]) -> Type:
    """Return the type that all of these have, ANY if there is none; null fits every type."""
    known = [t for t in types if t is not NULL]
    if not known:
        return NULL if types else ANY
    first = known[0]
    return first if all(same(first, t) for t in known[1:]) else ANY


def same(left: Type, right: Type) -> bool:
    """Return whether both types hold the same values, as far as code may rely on it."""
    if left is right or left == right:
        return True
    if isinstance(left, ListType) and isinstance(right, ListType):
        return same(left.item, right.item)
    if isinstance(left, ReferenceType) and isinstance(right, ReferenceType):
        return left.target == right.target
    if isinstance(left, ContextType) and isinstance(right, ContextType):
        return left.members.keys() == right.members.keys() and all(
            same(m.type, right.members[n].type) and m.read == right.members[n].read
            for n, m in left.members.items()
        )
    return False


def plain(kind_: Type) -> Type:
    """Return the type as the operators see it: a reference is a text."""
    return STRING if isinstance(kind_, ReferenceType) else kind_


def comparable(left: Type, right: Type) -> bool:
    """Return whether ``=`` between these types can be anything but null."""
    left, right = plain(left), plain(right)
    if ANY in (left, right) or NULL in (left, right):
        return True
    if {left.name, right.name} == {UNIT_DURATION.name, DAYS_TIME.name}:
        return True
    if isinstance(left, (ContextType, RecordSetType)):
        return isinstance(right, (ContextType, RecordSetType))
    return left.name == right.name


def accepts(expected: Type, actual: Type) -> bool:
    """Return whether a value of type ``actual`` may turn out to be one of ``expected``.

    A list of one element fits where the element would, and a value where a list would.
    """
    actual, expected = plain(actual), plain(expected)
    if ANY in (expected, actual) or actual is NULL:
        return True
    if isinstance(expected, ListType):
        inner = actual.item if isinstance(actual, ListType) else actual
        return accepts(expected.item, inner)
    if isinstance(actual, ListType):
        return accepts(expected, actual.item)
    if expected is DATE_TIME and actual is DATE:
        return True
    return comparable(expected, actual)


def conforms(value: object, expected: Type) -> bool:
    """Return whether a value is of a type; null is of every type but functions are compared."""
    if expected is ANY or value is None:
        return True
    if isinstance(expected, ListType):
        return is_list(value) and all(conforms(item, expected.item) for item in value)
    if isinstance(expected, ContextType):
        return is_context(value) and all(
            name in value and conforms(value[name], member.type)
            for name, member in expected.members.items()
        )
    if isinstance(expected, RangeType):
        return isinstance(value, Range) and all(
            conforms(end, expected.item) for end in (value.start, value.end)
        )
    if isinstance(expected, FunctionType):
        return isinstance(value, FunctionValue) and _function_conforms(value, expected)
    return plain(expected) == kind(value)


def instance_of(value: object, expected: Type) -> bool:
    """Return what ``instance of`` says: as :func:`conforms`, but null is only of type Null."""
    if value is None:
        return expected is NULL
    return expected is not NULL and conforms(value, expected)


def _function_conforms(value: FunctionValue, expected: FunctionType) -> bool:
    if expected.parameters is None:
        return True
    actual = value.kind
    if not isinstance(actual, FunctionType) or actual.parameters is None:
        return False
    if len(actual.parameters) != len(expected.parameters):
        return False
    contravariant = all(
        subtype(e, a) for a, e in zip(actual.parameters, expected.parameters, strict=True)
    )
    return contravariant and subtype(actual.result, expected.result)


def subtype(narrow: Type, wide: Type) -> bool:
    """Return whether every value of ``narrow`` is one of ``wide``."""
    if wide is ANY or narrow is NULL or same(narrow, wide):
        return True
    if isinstance(narrow, ListType) and isinstance(wide, ListType):
        return subtype(narrow.item, wide.item)
    if isinstance(narrow, RangeType) and isinstance(wide, RangeType):
        return subtype(narrow.item, wide.item)
    if isinstance(narrow, ContextType) and isinstance(wide, ContextType):
        return all(
            name in narrow.members and subtype(narrow.members[name].type, member.type)
            for name, member in wide.members.items()
        )
    return False


def coerce(value: object, expected: Type) -> object:
    """Return the value as one of type ``expected``, or null if it cannot be.

    A list of one element becomes the element, a value a list of one, a date the midnight that
    begins it in UTC.
    """
    if expected is ANY or value is None or conforms(value, expected):
        return value
    if is_list(value):
        if len(value) == 1 and not isinstance(expected, ListType):
            inner = value[0]
            return inner if conforms(inner, expected) else None
        return None
    if isinstance(expected, ListType):
        return [value] if conforms(value, expected.item) else None
    if expected is DATE_TIME and isinstance(value, (date, FarDate)):
        return with_time(value, datetime(2000, 1, 1, tzinfo=UTC))
    return None
