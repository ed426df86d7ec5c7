"""Which box stands on which level: cycles are opened, arrows then lead downwards.

Levels of boxes are even; the odd ones between them belong to the labels of arrows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from casewright.graph.diagram import Diagram


def ranked(diagram: Diagram) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """Return the level of each box, and the arrows that lead upwards, as (source, target).

    An arrow leads upwards if it closes a cycle when the arrows are followed from the first box in
    their order. Every other arrow leads at least two levels down.
    """
    names = [node.id for node in diagram.nodes]
    follow: dict[str, list[str]] = {name: [] for name in names}
    for edge in diagram.edges:
        if edge.source != edge.target:
            follow[edge.source].append(edge.target)
    upwards = _closing(names, follow)
    down = {
        name: [target for target in targets if (name, target) not in upwards]
        for name, targets in follow.items()
    }
    for source, target in upwards:
        down[target].append(source)
    ranks = _longest(names, down)
    _draw_near(ranks, down, names)
    return ranks, upwards


def _closing(names: Sequence[str], follow: Mapping[str, Sequence[str]]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    done: set[str] = set()
    for root in names:
        if root in done:
            continue
        path = [(root, iter(follow[root]))]
        on_path = {root}
        while path:
            name, targets = path[-1]
            target = next(targets, None)
            if target is None:
                path.pop()
                on_path.discard(name)
                done.add(name)
            elif target in on_path:
                found.add((name, target))
            elif target not in done:
                on_path.add(target)
                path.append((target, iter(follow[target])))
    return found


def _longest(names: Iterable[str], down: Mapping[str, Sequence[str]]) -> dict[str, int]:
    ranks = dict.fromkeys(names, 0)
    waiting = dict.fromkeys(ranks, 0)
    for targets in down.values():
        for target in targets:
            waiting[target] += 1
    ready = [name for name, count in waiting.items() if not count]
    while ready:
        name = ready.pop(0)
        for target in down[name]:
            ranks[target] = max(ranks[target], ranks[name] + 2)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return ranks


def _draw_near(
    ranks: dict[str, int], down: Mapping[str, Sequence[str]], names: Sequence[str]
) -> None:
    """Move a box that nothing leads to down to where it leads; the first one stays on top."""
    reached = {target for targets in down.values() for target in targets}
    for name in names[1:]:
        if name not in reached and down[name]:
            ranks[name] = min(ranks[target] for target in down[name]) - 2
