"""What a condition says that a look-up can answer: which value a field must have.

A test of a rule is passed wherever the condition of the rule holds; where it is not, the condition
need not be looked at. Tests cannot fail and cost nothing of the budget, so it makes no difference
which of them are looked at, and when.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from casewright.feel import tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.feel import Expression
    from casewright.feel.tree import Node
    from casewright.view import View

_CALM = (
    tree.Literal,
    tree.Comparison,
    tree.Junction,
    tree.Between,
    tree.Membership,
    tree.Tests,
    tree.UnaryTest,
)
_PLAIN = frozenset({"string", "text", "choice", "integer", "number", "boolean", "reference"})


Reading = Callable[["FieldDefinition"], Callable[[Any], Any]]
"""Gives what reads a field."""


@dataclass(frozen=True, slots=True)
class Test:
    """One look-up.

    Attributes:
        key: what it reads; equal for tests that read the same.
        read: gives the value on a view.
        values: it is passed by these; Python finds all equal that FEEL finds equal.
    """

    key: object
    read: Callable[[View], Any]
    values: frozenset[Any]


def tests_of(
    when: Expression | None,
    fields: Mapping[str, FieldDefinition],
    hidden: frozenset[str],
    reading: Reading,
) -> tuple[Test, ...]:
    """Return the tests that a condition contains.

    Args:
        when: the condition.
        fields: of the case type.
        hidden: names that mean something else in the condition.
        reading: gives what reads a field.
    """
    if when is None:
        return ()
    found: dict[object, Test] = {}
    for part in conjuncts(when.tree):
        test = _test(part, fields, hidden, reading)
        if test is not None:
            found.setdefault(test.key, test)
    if _is_calm(when, fields, hidden):
        found[when] = Test(when, _holding(when), frozenset((True,)))
    return tuple(found.values())


def needs_of(when: Expression | None, fields: Mapping[str, FieldDefinition]) -> int:
    """Return the bits of the fields that ``changed("field")`` says have changed."""
    needs = 0
    for part in () if when is None else conjuncts(when.tree):
        match part:
            case tree.Call(
                function=tree.Name(name="changed"), arguments=(tree.Literal(value=str(name)),)
            ) if name in fields:
                needs |= fields[name].bit
            case _:
                pass
    return needs


def _is_calm(
    when: Expression, fields: Mapping[str, FieldDefinition], hidden: frozenset[str]
) -> bool:
    """Return True if a condition compares fields with each other and constants, no more."""
    pending: list[Node] = [when.tree]
    while pending:
        node = pending.pop()
        if isinstance(node, tree.Name):
            if node.name in hidden or (node.name != "state" and node.name not in fields):
                return False
        elif not isinstance(node, _CALM):
            return False
        pending.extend(node.parts())
    return True


def _holding(when: Expression) -> Callable[[View], Any]:
    return lambda s: when.true(s, s.budget)


def conjuncts(node: Node) -> Iterator[Node]:
    """Yield the parts that all have to be true for a condition to be."""
    if isinstance(node, tree.Junction) and node.op == "and":
        for item in node.items:
            yield from conjuncts(item)
    else:
        yield node


def _test(
    node: Node, fields: Mapping[str, FieldDefinition], hidden: frozenset[str], reading: Reading
) -> Test | None:
    read, values = _compared(node)
    name = None if read is None else _field_name(read)
    if name is None or name in hidden or not values:
        return None
    if name == "state":
        return Test(name, _state, frozenset(values))
    definition = fields.get(name)
    if definition is None or definition.many or definition.kind not in _PLAIN:
        return None
    return Test(name, reading(definition), frozenset(values))


def _compared(node: Node) -> tuple[Node | None, list[Any]]:
    """Return what a comparison with constants reads, and the constants; nothing of others."""
    if isinstance(node, tree.Comparison) and node.op == "=":
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if _is_constant(other):
                return one, [cast("tree.Literal", other).value]
    if isinstance(node, tree.Membership) and not node.tests.negated:
        tests = node.tests.tests
        if len(tests) == 1 and isinstance(tests[0], tree.ListLiteral):
            tests = tests[0].items
        if all(_is_constant(test) for test in tests):
            return node.value, [cast("tree.Literal", test).value for test in tests]
    return None, []


def _is_constant(node: Node) -> bool:
    if not isinstance(node, tree.Literal) or node.note:
        return False
    return node.value is None or isinstance(node.value, str | bool | int | Decimal)


def _field_name(node: Node) -> str | None:
    if isinstance(node, tree.Path) and isinstance(node.base, tree.Name):
        return node.name if node.base.name == "case" else None
    return node.name if isinstance(node, tree.Name) else None


def _state(s: View) -> Any:
    return s.state


def of_case(definition: FieldDefinition) -> Callable[[View], Any]:
    """Return what reads a field of a case."""
    name, bit = definition.name, definition.bit
    if definition.computed is not None:
        return lambda s: s.computed(name, bit)
    return lambda s: s.fields.get(name)
