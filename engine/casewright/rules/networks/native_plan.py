"""What the native network makes of productions beforehand: shared tests, look-ups and joins.

A test is a condition on one fact alone. Conditions of one label that say the same are one test,
whichever production has them: they have the same term, or the same text that reads nothing but the
fact. A memory is what the facts of a label that pass certain tests are kept in during a call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casewright.feel.arithmetic import add_numbers, multiply_numbers, subtract_numbers
from casewright.rules.networks.alike import ODD, alike
from casewright.rules.networks.terms import AllOf, AnyOf, Compare, Constant, FieldOf, Operand, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casewright.feel import Expression
    from casewright.rules.networks.contract import Condition, Pattern, Production

Data = Mapping[str, Any]
Read = Callable[[Mapping[str, Data]], Any]
Value = tuple[str, str]
"""A label and the name of a value in the data of its facts."""
Need = tuple[str, tuple[str, Hashable] | None]
"""A label, and a value that a fact of it must have, by name and key, or None."""

_SUMS = {"+": add_numbers, "-": subtract_numbers, "*": multiply_numbers}


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """A condition on one fact.

    Attributes:
        index: its place among all tests.
        name: what its expression calls the fact.
    """

    index: int
    name: str
    expression: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """The facts of a label that pass certain tests.

    Attributes:
        index: its place among all memories.
        label: of its facts.
        equal: name of a value and the key that it has, or None; the tests are of those facts only.
    """

    index: int
    label: str
    equal: tuple[str, Hashable] | None
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """An equality between the fact that is looked for and those that are bound.

    Attributes:
        index: of the memory's facts by their side, shared by all patterns that join so.
        own: reads the side of the fact that is looked for.
        other: reads the side of the bound ones.
    """

    index: int
    own: Read
    other: Read


@dataclass(frozen=True, slots=True, eq=False)
class PatternPlan:
    """How facts for a pattern are found.

    Attributes:
        join: look-up that replaces one condition, or None.
        rest: conditions that read bound facts, without that of ``join``.
        equality: the condition of ``join``.
    """

    name: str
    memory: Memory
    count: int | None
    distinct: Expression | None
    join: Join | None
    equality: Expression | None
    rest: tuple[Expression, ...]

    @property
    def is_alone(self) -> bool:
        """Return True if it reads no bound facts."""
        return self.join is None and not self.rest


@dataclass(frozen=True, slots=True, eq=False)
class ProductionPlan:
    """How activations of a production are found; ``order`` is its place among all."""

    order: int
    name: str
    patterns: tuple[PatternPlan, ...]
    absent: tuple[PatternPlan, ...]
    slides: bool


@dataclass(slots=True)
class Plans:
    """All productions of a network.

    Attributes:
        productions: in the order given.
        by_label: places of productions that need a fact of the label, for those that nothing better
            tells apart.
        by_value: places of productions that need a fact whose value has a certain key.
    """

    productions: list[ProductionPlan] = field(default_factory=list["ProductionPlan"])
    by_label: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    by_value: dict[Value, dict[Hashable, list[int]]] = field(
        default_factory=dict[Value, dict[Hashable, list[int]]]
    )


def planned(productions: Sequence[Production]) -> Plans:
    """Return the plans of productions."""
    return _Planner().plans(productions)


class _Planner:
    def __init__(self) -> None:
        self._tests: dict[Hashable, Test] = {}
        self._memories: dict[Hashable, Memory] = {}
        self._joins: dict[Hashable, int] = {}

    def plans(self, productions: Sequence[Production]) -> Plans:
        made = Plans()
        needs = [_needs(production) for production in productions]
        crowd = Counter(one for options in needs for option in options for one in option)
        for order, production in enumerate(productions):
            made.productions.append(self._production(order, production))
            best = min(needs[order], key=lambda option: sum(crowd[one] for one in option))
            for label, value in best:
                if value is None:
                    made.by_label.setdefault(label, []).append(order)
                    continue
                name, key = value
                by_key = made.by_value.setdefault((label, name), {})
                by_key.setdefault(key, []).append(order)
        return made

    def _production(self, order: int, production: Production) -> ProductionPlan:
        single: list[str] = []
        patterns: list[PatternPlan] = []
        for pattern in production.patterns:
            patterns.append(self._pattern(pattern, single))
            if pattern.count is None:
                single.append(pattern.name)
        absent = tuple(self._pattern(pattern, single) for pattern in production.absent)
        return ProductionPlan(order, production.name, tuple(patterns), absent, production.slides)

    def _pattern(self, pattern: Pattern, single: Sequence[str]) -> PatternPlan:
        memory = self._memory(pattern)
        others = [condition for condition in pattern.conditions if condition.reads]
        join = equality = None
        for condition in others:
            join = self._join(pattern, memory, condition, single)
            if join is not None:
                equality = condition.expression
                break
        rest = tuple(c.expression for c in others if c.expression is not equality)
        return PatternPlan(
            pattern.name, memory, pattern.count, pattern.distinct, join, equality, rest
        )

    def _memory(self, pattern: Pattern) -> Memory:
        equal: tuple[str, Hashable] | None = None
        tests: list[Test] = []
        for condition in pattern.conditions:
            if condition.reads:
                continue
            found = _equal(condition.term)
            if equal is None and found is not None:
                equal = found
            else:
                tests.append(self._test(pattern, condition))
        tests.sort(key=lambda test: test.index)
        key = (pattern.label, equal, tuple(test.index for test in tests))
        memory = Memory(len(self._memories), pattern.label, equal, tuple(tests))
        return self._memories.setdefault(key, memory)

    def _test(self, pattern: Pattern, condition: Condition) -> Test:
        key = (pattern.label, _meaning(pattern.name, condition))
        made = Test(len(self._tests), pattern.name, condition.expression)
        return self._tests.setdefault(key, made)

    def _join(
        self, pattern: Pattern, memory: Memory, condition: Condition, single: Sequence[str]
    ) -> Join | None:
        term = condition.term
        if not isinstance(term, Compare) or term.op != "=":
            return None
        for own, other in ((term.left, term.right), (term.right, term.left)):
            if _names(own) == {pattern.name} and _names(other) <= set(single):
                key = (memory.index, _said(own, pattern.name))
                index = self._joins.setdefault(key, len(self._joins))
                return Join(index, reader(own), reader(other))
        return None


def _needs(production: Production) -> list[tuple[Need, ...]]:
    """Return ways to say which facts a production needs: of each, one of its facts at least."""
    found: list[tuple[Need, ...]] = []
    for pattern in production.patterns:
        for condition in pattern.conditions:
            if not condition.reads and (values := tuple(_values(condition.term))):
                found.append(tuple((pattern.label, value) for value in values))
    found += [((pattern.label, None),) for pattern in production.patterns]
    return found


# --- what terms say -------------------------------------------------------------------------------


def reader(operand: Operand) -> Read:
    """Return a function that works out an operand on facts' data by pattern name."""
    if isinstance(operand, FieldOf):
        pattern, name = operand.pattern, operand.name
        return lambda bound: bound[pattern].get(name)
    if isinstance(operand, Constant):
        value = operand.value
        return lambda _: value
    left, right, work = reader(operand.left), reader(operand.right), _SUMS[operand.op]
    return lambda bound: work(left(bound), right(bound))


def _equal(term: Term | None) -> tuple[str, Hashable] | None:
    """Return the value that a term says equals a constant, and the key of that."""
    if not isinstance(term, Compare) or term.op != "=":
        return None
    for one, other in ((term.left, term.right), (term.right, term.left)):
        if isinstance(one, FieldOf) and isinstance(other, Constant):
            key = alike(other.value)
            return None if key is ODD else (one.name, key)
    return None


def _values(term: Term | None) -> Iterator[tuple[str, Hashable]]:
    """Return values of which a fact must have one to fit a term; none where that is not said."""
    if isinstance(term, AnyOf):
        found = [tuple(_values(item)) for item in term.items]
        if all(found):
            for values in found:
                yield from values
    elif isinstance(term, AllOf):
        found = [values for item in term.items if (values := tuple(_values(item)))]
        yield from min(found, key=len, default=())
    elif (equal := _equal(term)) is not None:
        yield equal


def _names(operand: Operand) -> set[str]:
    if isinstance(operand, FieldOf):
        return {operand.pattern}
    if isinstance(operand, Constant):
        return set()
    return _names(operand.left) | _names(operand.right)


def _meaning(name: str, condition: Condition) -> Hashable:
    """Return what conditions on one fact have in common only if they say the same."""
    if condition.term is not None:
        return "term", _said(condition.term, name)
    expression = condition.expression
    if {path[0] for path in expression.reads} <= {name} and all(
        call.builtin for call in expression.calls
    ):
        tree = expression.tree
        return "text", name, expression.text, tree.start, tree.end
    return "expression", id(expression)


def _said(term: Term | Operand, own: str) -> Hashable:
    """Return a term as a key; what it calls its own fact makes no difference."""
    match term:
        case FieldOf(pattern=pattern, name=name, kind=kind):
            return "field", "" if pattern == own else pattern, name, kind
        case Constant(value=value):
            return "constant", value.__class__, value
        case Compare(op=op, left=left, right=right):
            return op, _said(left, own), _said(right, own)
        case AllOf(items=items):
            return "all", *_all_said(items, own)
        case AnyOf(items=items):
            return "any", *_all_said(items, own)
        case _:
            return term.op, "sum", _said(term.left, own), _said(term.right, own)


def _all_said(items: Iterable[Term], own: str) -> tuple[Hashable, ...]:
    return tuple(_said(item, own) for item in items)
