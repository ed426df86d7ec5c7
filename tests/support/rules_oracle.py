"""A naive reading of what networks and windows are, to hold the real ones against.

Nothing here is shared with the engine: conditions are trees of their own, numbers are fractions,
and every combination of facts is tried. What FEEL does with null is written out once more: true,
false and None, and a condition holds where it is True.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Data = dict[str, Any]
Bound = dict[str, Any]
Truth = bool | None


@dataclass(frozen=True)
class Field:
    alias: str
    name: str


@dataclass(frozen=True)
class Const:
    value: Any


@dataclass(frozen=True)
class Sum:
    op: str
    left: Operand
    right: Operand


Operand = Field | Const | Sum


@dataclass(frozen=True)
class Cmp:
    op: str
    left: Operand
    right: Operand


@dataclass(frozen=True)
class In:
    """``value in (a, b)``; as a list, ``value in [a, b]``."""

    value: Operand
    constants: tuple[Any, ...]
    is_list: bool = False


@dataclass(frozen=True)
class Span:
    """``value in [low..high]`` and its kin; ``between`` is written as such."""

    value: Operand
    low: Any
    high: Any
    low_in: bool = True
    high_in: bool = True
    is_between: bool = False


@dataclass(frozen=True)
class Flag:
    field: Field


@dataclass(frozen=True)
class Starts:
    """``starts with(value, prefix)``: nothing that networks understand."""

    field: Field
    prefix: str


@dataclass(frozen=True)
class CountOver:
    """``count(alias[name > least]) > 0`` over a group that is bound."""

    alias: str
    name: str
    least: int


@dataclass(frozen=True)
class Some:
    """``some q in alias satisfies q.name = operand`` over a group that is bound."""

    alias: str
    name: str
    other: Operand


@dataclass(frozen=True)
class Both:
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Either:
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    item: Node


Node = Cmp | In | Span | Flag | Starts | CountOver | Some | Both | Either | Not


@dataclass(frozen=True)
class OraclePattern:
    name: str
    label: str
    when: Node | None = None
    count: int | None = None
    distinct: Operand | None = None


@dataclass(frozen=True)
class OracleRule:
    name: str
    patterns: tuple[OraclePattern, ...]
    absent: tuple[OraclePattern, ...] = ()
    slides: bool = False


@dataclass(frozen=True)
class OracleFact:
    id: str
    labels: frozenset[str]
    data: Data


Match = tuple[str, tuple[tuple[int, ...], ...]]


# --- values ---------------------------------------------------------------------------------------


def sort(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, Decimal, Fraction)):
        return "number"
    if isinstance(value, datetime):
        return "instant"
    return "day" if isinstance(value, date) else type(value).__name__


def same(left: Any, right: Any) -> Truth:
    if left is None or right is None:
        return left is None and right is None
    if sort(left) != sort(right):
        return None
    if sort(left) == "list":
        pairs = zip(left, right, strict=False)
        return len(left) == len(right) and all(same(x, y) is True for x, y in pairs)
    return bool(comparable(left) == comparable(right))


def comparable(value: Any) -> Any:
    if sort(value) == "number":
        return Fraction(value)
    return value.timestamp() if isinstance(value, datetime) else value


def ordered(left: Any, right: Any) -> int | None:
    if left is None or right is None or sort(left) != sort(right):
        return None
    if sort(left) not in ("number", "str", "day", "instant"):
        return None
    mine, other = comparable(left), comparable(right)
    return int(mine > other) - int(mine < other)


def worked_out(operand: Operand, bound: Bound) -> Any:
    if isinstance(operand, Const):
        return operand.value
    if isinstance(operand, Field):
        return bound[operand.alias].get(operand.name)
    left, right = worked_out(operand.left, bound), worked_out(operand.right, bound)
    if left is None or right is None:
        return None
    x, y = Fraction(left), Fraction(right)
    return {"+": x + y, "-": x - y, "*": x * y}[operand.op]


# --- conditions -----------------------------------------------------------------------------------


def compared(op: str, left: Any, right: Any) -> Truth:
    if op in ("=", "!="):
        found = same(left, right)
        return found if found is None or op == "=" else not found
    place = ordered(left, right)
    if place is None:
        return None
    return {"<": place < 0, "<=": place <= 0, ">": place > 0, ">=": place >= 0}[op]


def every(items: Sequence[Truth]) -> Truth:
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


def opposite(item: Truth) -> Truth:
    return None if item is None else not item


def some(items: Sequence[Truth]) -> Truth:
    return opposite(every([opposite(item) for item in items]))


def truth(node: Node, bound: Bound) -> Truth:
    match node:
        case Both(items):
            return every([truth(item, bound) for item in items])
        case Either(items):
            return some([truth(item, bound) for item in items])
        case Not(item):
            return opposite(truth(item, bound))
        case Cmp(op, left, right):
            return compared(op, worked_out(left, bound), worked_out(right, bound))
        case In(operand, constants, is_list):
            value = worked_out(operand, bound)
            found = [same(value, constant) for constant in constants]
            if is_list:  # a list is in a list that it equals, too
                return True in found or same(value, list(constants)) is True
            return some(found)
        case Span(operand, low, high, low_in, high_in):
            value = worked_out(operand, bound)
            above = compared(">=" if low_in else ">", value, low)
            return every([above, compared("<=" if high_in else "<", value, high)])
        case _:
            return other_truth(node, bound)


def other_truth(node: Node, bound: Bound) -> Truth:
    match node:
        case Flag(field):
            value = worked_out(field, bound)
            return value if isinstance(value, bool) else None
        case Starts(field, prefix):
            value = worked_out(field, bound)
            return None if value is None else value.startswith(prefix)
        case CountOver(alias, name, least):
            return any(ordered(data.get(name), least) == 1 for data in bound[alias])
        case Some(alias, name, operand):
            other = worked_out(operand, bound)
            return some([same(data.get(name), other) for data in bound[alias]])
        case _:
            raise TypeError(node)


def fits(pattern: OraclePattern, fact: OracleFact, bound: Bound) -> bool:
    if pattern.label not in fact.labels:
        return False
    return pattern.when is None or truth(pattern.when, {**bound, pattern.name: fact.data}) is True


# --- networks -------------------------------------------------------------------------------------


def matches(rules: Sequence[OracleRule], facts: Sequence[OracleFact]) -> list[Match]:
    return [found for rule in rules for found in matches_of(rule, facts)]


def matches_of(rule: OracleRule, facts: Sequence[OracleFact]) -> Iterator[Match]:
    singles = [pattern for pattern in rule.patterns if pattern.count is None]
    places = range(len(facts))
    for chosen in itertools.product(places, repeat=len(singles)):
        groups = bindings(rule, facts, dict(zip([p.name for p in singles], chosen, strict=True)))
        if groups is not None:
            yield rule.name, groups


def bindings(
    rule: OracleRule, facts: Sequence[OracleFact], chosen: Mapping[str, int]
) -> tuple[tuple[int, ...], ...] | None:
    held: list[int] = []
    bound: Bound = {}
    made: list[tuple[int, ...]] = []
    for pattern in rule.patterns:
        if pattern.count is None:
            place = chosen[pattern.name]
            if place in held or not fits(pattern, facts[place], bound):
                return None
            group = [place]
            bound[pattern.name] = facts[place].data
        else:
            group = group_of(pattern, facts, bound, held, newest=rule.slides)
            if len(group) < pattern.count:
                return None
            bound[pattern.name] = [facts[place].data for place in group]
        held += group
        made.append(tuple(group))
    if any(fits(pattern, fact, bound) for pattern in rule.absent for fact in facts):
        return None
    return tuple(made)


def group_of(
    pattern: OraclePattern,
    facts: Sequence[OracleFact],
    bound: Bound,
    held: list[int],
    *,
    newest: bool,
) -> list[int]:
    assert pattern.count is not None
    group: list[int] = []
    values: list[Any] = []
    places = range(len(facts))
    for place in reversed(places) if newest else places:
        if len(group) == pattern.count:
            break
        if place in held or not fits(pattern, facts[place], bound):
            continue
        if pattern.distinct is not None:
            value = worked_out(pattern.distinct, {**bound, pattern.name: facts[place].data})
            if value is None or any(same(value, one) is True for one in values):
                continue
            values.append(value)
        group.append(place)
    return sorted(group)


# --- windows --------------------------------------------------------------------------------------

Found = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Seen:
    """Something that is observed; where it ``holds``, of a case for as long as it says so."""

    id: str
    at: int
    fits: frozenset[str]
    data: Data
    holds: bool = False
    is_expected: bool = False

    @property
    def stays(self) -> bool:
        return self.holds and not self.is_expected


class NaiveWindow:
    """A window that goes through all it has at every turn; times are whole seconds.

    Attributes:
        fired: everything that has fired, as ids of observations by pattern.
        ignored: ids of what came too late.
    """

    def __init__(
        self,
        rule: OracleRule,
        within: int,
        *,
        keep: bool,
        shutting: frozenset[str],
        expecting: tuple[str, ...],
        made: Sequence[str],
    ) -> None:
        self.rule = rule
        self.within = within
        self.keep = keep
        self.shutting = shutting
        self.expecting = expecting
        self.made = made
        self.fired: list[Found] = []
        self.ignored: list[str] = []
        self.present: list[Seen] = []
        self.newest: int | None = None
        self.end: int | None = None

    def observe(self, now: int, one: Seen) -> None:
        self._until(now)
        before = self._standing()
        if self.newest is not None and not one.stays and self.newest - one.at >= self.within:
            self.ignored.append(one.id)
            self._set_end(now)
            return
        is_new = one.id not in [other.id for other in self.present]
        self.present = [other for other in self.present if other.id != one.id] + [one]
        if not one.holds:
            self.newest = one.at if self.newest is None else max(one.at, self.newest)
        if self.newest is not None:
            newest = self.newest
            self.present = [o for o in self.present if o.stays or newest - o.at < self.within]
        self._settle(now, one.id if is_new else None, before)

    def gone(self, now: int, name: str) -> None:
        self._until(now)
        before = self._standing()
        self.present = [other for other in self.present if other.id != name]
        self._settle(now, None, before)

    def _until(self, now: int) -> None:
        if self.end is not None and self.end <= now:
            self.present = [one for one in self.present if one.stays]
            self.newest = self.end = None

    def _set_end(self, now: int) -> None:
        last = [one.at for one in self.present if one.is_expected]
        if self.newest is not None:
            last.append(self.newest)
        self.end = max(max(last) + self.within, now) if last else None

    def _shut(self) -> None:
        if any(one.holds and one.fits & self.shutting for one in self.present):
            self.present = [one for one in self.present if one.holds]

    def _settle(self, now: int, incoming: str | None, spent: set[Found]) -> None:
        self._shut()
        while (found := self._next(incoming, spent)) is not None:
            spent.add(found)
            self.fired.append(found)
            held = {name for group in found for name in group}
            if not self.keep:
                self.present = [o for o in self.present if o.id not in held or o.stays]
            for pattern in self.expecting:
                name = self.made[len(self.fired) - 1]
                data: Data = {}
                new = Seen(f"case/{name}/{pattern}", now, frozenset({pattern}), data, True, True)
                self.present.append(new)
        self._shut()
        self._set_end(now)

    def _all(self) -> list[Found]:
        self.present.sort(key=lambda one: (one.at, one.id))
        facts = [OracleFact(one.id, one.fits, one.data) for one in self.present]
        return [
            tuple(tuple(facts[place].id for place in group) for group in groups)
            for _, groups in matches_of(self.rule, facts)
        ]

    def _standing(self) -> set[Found]:
        staying = {one.id for one in self.present if one.stays}
        return {found for found in self._all() if all(staying.issuperset(g) for g in found)}

    def _next(self, incoming: str | None, spent: set[Found]) -> Found | None:
        for found in self._all():
            if found not in spent and (not self.keep or any(incoming in g for g in found)):
                return found
        return None
