"""Comparisons that never hold: a state or a choice against a word that it can never be.

One expression may be compiled for many case types, since what is ``for`` a case type holds for
those that extend it. A word is told only if it is wrong for all of them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from casewright.feel import tree
from casewright.spec.nearest import suggestion
from casewright.spec.nodes import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casewright.bind.places import Where
    from casewright.bind.shape import Shape
    from casewright.bind.world import World

_RECORDS = frozenset({"case", "previous"})


class Impossible(NamedTuple):
    """A literal that a name can never be equal to."""

    literal: tree.Literal
    name: str
    known: tuple[str, ...]


def lint_comparisons(world: World, shapes: Mapping[str, Shape]) -> None:
    """Report each word that no case type knows for which its expression was compiled."""
    compiled: Counter[tuple[int, int]] = Counter()  # a condition may be compiled in parts
    wrong: Counter[tuple[int, int, int]] = Counter()
    first: dict[tuple[int, int, int], tuple[Where, int, Impossible]] = {}
    for shape in shapes.values():
        for where, shift, root in shape.expressions:
            place = (id(find(where.spec.root, where.pointer).node), root.start)
            compiled[place] += 1
            for found in impossible(root, shape):
                key = (*place, found.literal.start)
                wrong[key] += 1
                first.setdefault(key, (where, shift, found))
    for key, (where, shift, found) in first.items():
        if wrong[key] == compiled[key[:2]]:
            word = found.literal.value
            world.report(
                "CW312",
                where,
                f'{found.name} is never "{word}"',
                suggestion(str(word), found.known),
                "warning",
                offset=found.literal.start + shift,
                end=found.literal.end + shift,
            )


def impossible(root: tree.Node, shape: Shape) -> Iterator[Impossible]:
    """Yield the words of an expression that states and choices are compared with in vain.

    Filters, iterations and functions are passed over: names mean something else in them.
    """
    pending: list[tree.Node] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, tree.Filter):
            pending.append(node.base)
            continue
        if isinstance(node, tree.For | tree.Quantified | tree.FunctionLiteral):
            continue
        for name, literals in _compared(node):
            known = _values(name, shape)
            for literal in literals if known else ():
                if literal.value is not None and str(literal.value) not in known:
                    yield Impossible(literal, name, known)
        pending.extend(node.parts())


def _compared(node: tree.Node) -> Iterator[tuple[str, list[tree.Literal]]]:
    """Yield the name that is compared, and the literals that it is compared with."""
    if isinstance(node, tree.Comparison) and node.op in ("=", "!="):
        for side, other in ((node.left, node.right), (node.right, node.left)):
            name = _name(side)
            if name is not None:
                yield name, _literals([other])
    elif isinstance(node, tree.Membership):
        name = _name(node.value)
        if name is not None:
            yield name, _literals(node.tests.tests)


def _literals(nodes: Iterable[tree.Node]) -> list[tree.Literal]:
    found: list[tree.Literal] = []
    for node in nodes:
        if isinstance(node, tree.Literal):
            found.append(node)
        elif isinstance(node, tree.ListLiteral):
            found += [item for item in node.items if isinstance(item, tree.Literal)]
    return found


def _name(node: tree.Node) -> str | None:
    """Return the state or field of the case, now or before, that a node reads."""
    if isinstance(node, tree.Name):
        return node.name
    if isinstance(node, tree.Path) and isinstance(node.base, tree.Name):
        return node.name if node.base.name in _RECORDS else None
    return None


def _values(name: str, shape: Shape) -> tuple[str, ...]:
    """Return the values that a state or choice can have; nothing for any other name."""
    if name == "state":
        return tuple(shape.states)
    definition = shape.fields.get(name)
    if definition is None or definition.kind != "choice":
        return ()
    values = list(definition.choices)
    for branch in definition.branches.values():
        values += branch
    return tuple(dict.fromkeys(str(value) for value in values))
