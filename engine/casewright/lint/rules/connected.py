"""The parts of a graph whose nodes all lead to each other (Kosaraju, without recursion)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Node = TypeVar("Node")


def connected(
    roots: Iterable[Node], following: Callable[[Node], Iterable[Node]]
) -> Iterator[list[Node]]:
    """Yield the strongly connected parts with more than one node.

    Args:
        roots: nodes from which all others are reached.
        following: gives the nodes that a node leads to.
    """
    order = list(_left(roots, following, set()))
    before: dict[Node, list[Node]] = {}
    for node in order:
        for other in following(node):
            before.setdefault(other, []).append(node)
    seen: set[Node] = set()
    for node in reversed(order):
        part = list(_left([node], lambda one: before.get(one, ()), seen))
        if len(part) > 1:
            yield part


def _left(
    roots: Iterable[Node], following: Callable[[Node], Iterable[Node]], seen: set[Node]
) -> Iterator[Node]:
    """Yield the nodes that are not seen yet, each once all that it leads to has been yielded."""
    work: list[tuple[Node, Iterator[Node]]] = []
    for root in roots:
        if root not in seen:
            seen.add(root)
            work.append((root, iter(following(root))))
        while work:
            node, rest = work[-1]
            other = next((one for one in rest if one not in seen), None)
            if other is None:
                work.pop()
                yield node
            else:
                seen.add(other)
                work.append((other, iter(following(other))))
