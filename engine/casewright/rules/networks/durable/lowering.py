"""Productions as families of positive joins: all that the library is asked for.

It cannot be trusted with absence, counts and ``or``; it is trusted with joins of facts that are
there. So a production becomes rules for its single patterns together, for each counted pattern
with the single ones that it reads, and for each absent one likewise. What their matches mean is
worked out in Python.

What a pattern asks of its fact alone is lowered if it is plain tests, else worked out beforehand
and handed over as one more field. What it asks of several facts is lowered or the production is
refused: it runs on the native network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casewright.rules.networks.durable.clauses import (
    Against,
    Clause,
    Literal,
    NotLowered,
    alternatives,
    every,
    fields_of,
    in_order,
)
from casewright.rules.networks.durable.limits import MAX_ALONE, MAX_JOINS, MAX_PATTERNS
from casewright.rules.networks.terms import AllOf, AnyOf, Compare, Constant, FieldOf, Sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casewright.rules.networks.contract import Condition, Pattern, Production
    from casewright.rules.networks.terms import Operand, Term

TEST = "test"
"""The family of a field that says whether what was worked out in Python holds."""


@dataclass(frozen=True, slots=True)
class Part:
    """One pattern of a rule of the library.

    Attributes:
        pattern: name.
        label: of its facts.
        alone: what is asked of the fact alone.
        joins: comparisons with facts of patterns before it.
    """

    pattern: str
    label: str
    alone: Clause
    joins: tuple[Against, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Rules that together find the facts that fit some patterns of a production.

    Attributes:
        patterns: names, in the order of ``parts`` of each variant.
        variants: alternatives; they may find the same.
        is_absent: the last pattern may fit a fact that one before it holds.
    """

    patterns: tuple[str, ...]
    variants: tuple[tuple[Part, ...], ...]
    is_absent: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Lowered:
    """A production as the library runs it.

    Attributes:
        singles: places of the single patterns among all.
        base: of all single patterns; None where there are none.
        counted: of each counted pattern, by its place.
        absent: of each absent pattern.
        worked_out: patterns whose facts are tested in Python, by the name of the property for that.
    """

    production: Production
    singles: tuple[int, ...]
    base: Family | None
    counted: dict[int, Family]
    absent: tuple[Family, ...]
    worked_out: dict[str, Pattern]

    @property
    def families(self) -> Iterator[Family]:
        """Yield all families."""
        if self.base is not None:
            yield self.base
        yield from self.counted.values()
        yield from self.absent


def lower(production: Production) -> Lowered:
    """Return the families of a production.

    Raises:
        NotLowered: it has to run on the native network; the text says why.
    """
    singles = tuple(i for i, p in enumerate(production.patterns) if p.count is None)
    lowering = _Lowering(production)
    names = [production.patterns[i].name for i in singles]
    base = lowering.family(names, names) if names else None
    counted = {
        i: lowering.family([*lowering.read_by(p), p.name], [p.name])
        for i, p in enumerate(production.patterns)
        if p.count is not None
    }
    absent = tuple(
        lowering.family([*lowering.read_by(p), p.name], [p.name], is_absent=True)
        for p in production.absent
    )
    return Lowered(production, singles, base, counted, absent, lowering.worked_out)


class _Lowering:
    def __init__(self, production: Production) -> None:
        self.production = production.name
        patterns = (*production.patterns, *production.absent)
        self.patterns = {pattern.name: pattern for pattern in patterns}
        self.places = {pattern.name: i for i, pattern in enumerate(patterns)}
        self.singles = [p.name for p in production.patterns if p.count is None]
        self.worked_out: dict[str, Pattern] = {}
        self.alone: dict[str, tuple[Clause, ...]] = {}
        self.together: dict[str, tuple[Clause, ...]] = {}
        for pattern in patterns:
            self.alone[pattern.name] = self._alone(pattern)
            self.together[pattern.name] = every(
                self._together(pattern, c) for c in pattern.conditions if c.reads
            )

    def read_by(self, pattern: Pattern) -> list[str]:
        """Return the single patterns whose facts the conditions of a pattern read, in order."""
        read = {name for condition in pattern.conditions for name in condition.reads}
        return [name for name in self.singles if name in read]

    def family(self, names: list[str], asked: list[str], *, is_absent: bool = False) -> Family:
        """Return the rules for some patterns.

        Args:
            names: of the patterns, in order.
            asked: those whose conditions on several facts have to hold. A counted or absent pattern
                asks for itself only; which of the facts before it belong together, the base finds.
            is_absent: for an absent pattern.
        """
        if len(names) > MAX_PATTERNS:
            raise NotLowered(f"it brings more than {MAX_PATTERNS} facts together")
        met = every(
            [*(self.alone[name] for name in names), *(self.together[name] for name in asked)]
        )
        variants = tuple(self._parts(names, clause) for clause in in_order(met))
        return Family(tuple(names), variants, is_absent)

    def _parts(self, names: list[str], clause: Clause) -> tuple[Part, ...]:
        """Return a variant: each literal at the last of the patterns that it reads."""
        alone: dict[str, list[Literal]] = {name: [] for name in names}
        joins: dict[str, list[Against]] = {name: [] for name in names}
        for literal in clause:
            read = {field.pattern for field in fields_of(literal)}
            last = max(read, key=self.places.__getitem__)
            if len(read) == 1:
                alone[last].append(literal)
            else:
                joins[last].append(_turned(literal, last))
        for name in names:
            if len(joins[name]) >= MAX_JOINS:
                raise NotLowered(f"`{name}` has more than {MAX_JOINS - 1} comparisons with others")
        return tuple(
            Part(
                name,
                self.patterns[name].label,
                frozenset(alone[name]),
                tuple(sorted(joins[name], key=repr)),
            )
            for name in names
        )

    # --- conditions of one fact -------------------------------------------------------------------

    def _alone(self, pattern: Pattern) -> tuple[Clause, ...]:
        conditions = [c for c in pattern.conditions if not c.reads]
        try:
            met = every(self._plain(pattern, condition) for condition in conditions)
        except NotLowered:
            met = ()
        if met and len(met) <= MAX_ALONE:
            return met
        name = f"{self.production}/{pattern.name}"
        self.worked_out[name] = pattern
        return (frozenset({Against("=", FieldOf(pattern.name, name, TEST), Constant(1))}),)

    def _plain(self, pattern: Pattern, condition: Condition) -> tuple[Clause, ...]:
        if condition.term is None:
            raise NotLowered("it says more than a comparison")
        for field in _fields(condition.term):
            # Numbers may be decimals at run time, and then the whole call would be native.
            if field.pattern != pattern.name or field.kind == "number":
                raise NotLowered("it is not about plain values of the fact")
        return alternatives(condition.term)

    # --- conditions of several facts --------------------------------------------------------------

    def _together(self, pattern: Pattern, condition: Condition) -> tuple[Clause, ...]:
        text = condition.expression.text
        for name in condition.reads:
            if name not in self.singles:
                raise NotLowered(f"`{text}` reads the group `{name}`")
        if condition.term is None:
            raise NotLowered(f"`{text}` is no plain comparison of facts")
        known = {pattern.name, *condition.reads}
        if any(field.pattern not in known for field in _fields(condition.term)):
            raise NotLowered(f"`{text}` reads a fact that it does not name")
        try:
            return alternatives(condition.term)
        except NotLowered as err:
            raise NotLowered(f"`{text}`: {err}") from None


def _turned(literal: object, own: str) -> Against:
    """Return a join with a value of its own fact alone on the left, as the library wants it."""
    assert isinstance(literal, Against)
    if literal.field.pattern == own and own not in _patterns(literal.other):
        return literal
    if isinstance(literal.other, FieldOf) and literal.other.pattern == own:
        return literal.mirrored()
    raise NotLowered(f"the arithmetic of `{own}` mixes values of its fact with those of others")


def _patterns(operand: Operand) -> set[str]:
    return {field.pattern for field in _operand_fields(operand)}


def _operand_fields(operand: Operand) -> Iterator[FieldOf]:
    match operand:
        case FieldOf():
            yield operand
        case Sum(left=left, right=right):
            yield from _operand_fields(left)
            yield from _operand_fields(right)
        case Constant():
            return


def _fields(term: Term) -> Iterable[FieldOf]:
    match term:
        case Compare(left=left, right=right):
            yield from _operand_fields(left)
            yield from _operand_fields(right)
        case AllOf(items=items) | AnyOf(items=items):
            for item in items:
                yield from _fields(item)
