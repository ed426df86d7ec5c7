"""Circles: events that lead back to themselves, in one step of a case or around several cases.

Handlers and the events between them make a graph. Only what is strongly connected in it can go
round; there each circle is walked in thought, and told if nothing is sure to stop it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casewright.errors import Related
from casewright.lint.rules.activities import activity_handlers
from casewright.lint.rules.connected import connected
from casewright.lint.rules.handlers import Emission, Handler, handlers
from casewright.lint.rules.walking import Link, Verdict, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casewright.bind.world import World
    from casewright.errors import Severity
    from casewright.lint.rules.facts import Facts

_LONGEST = 6
_MOST_STEPS = 20_000
_MOST_WALKS = 1_000
_MOST_TOLD = 20
_MOST_SHOWN = 16
_Node = int | tuple[str, str]
"""A handler by its number, or a case type and an event of it; of a change ``set`` and the name."""
_Way = tuple[Emission, tuple[str, str]]


def lint_circles(world: World, facts: Mapping[str, Facts]) -> None:
    """Report circles that do not end (CW740), that may not (CW741), and around cases (CW742)."""
    found = (h for known in facts.values() for h in (*handlers(known), *activity_handlers(known)))
    graph = _Graph(list(found))
    told: set[frozenset[str]] = set()
    for circle in graph.circles():
        if len(told) >= _MOST_TOLD:
            return
        places = frozenset(str(link.handler.where) for link in circle)
        if any(known <= places for known in told) or _ends_by_itself(circle):
            continue
        judged = verdict(circle)
        if judged is not None:
            told.add(places)
            _tell(world, circle, judged, graph)


def _ends_by_itself(circle: list[Link]) -> bool:
    """Return whether a circle has no event, or goes on only by a case that is made only once."""
    emissions = [link.emission for link in circle]
    if not any(emission.event for emission in emissions):
        return True
    is_back = any(emission.verb == "send" for emission in emissions)
    return is_back and any(emission.once for emission in emissions)


@dataclass(slots=True)
class _Graph:
    """Handlers, and the events by which each sets off others.

    Attributes:
        listening: numbers of handlers by what they act on.
        goals: what each handler acts on.
        ways: what each handler makes that some handler acts on.
    """

    handlers: list[Handler]
    listening: dict[tuple[str, str], list[int]] = field(
        default_factory=dict["tuple[str, str]", "list[int]"]
    )
    goals: list[set[tuple[str, str]]] = field(default_factory=list["set[tuple[str, str]]"])
    ways: list[list[_Way]] = field(default_factory=list["list[_Way]"])
    _walks: int = _MOST_WALKS
    _steps: int = _MOST_STEPS

    def __post_init__(self) -> None:
        for number, handler in enumerate(self.handlers):
            of = handler.facts.ct.name
            names = handler.events or tuple(f"set {name}" for name in sorted(handler.reads))
            self.goals.append({(of, name) for name in names})
            for name in names:
                self.listening.setdefault((of, name), []).append(number)
        self.ways = [list(self._ways(handler)) for handler in self.handlers]

    def _ways(self, handler: Handler) -> Iterator[_Way]:
        own = handler.facts.ct.name
        for emission in handler.emissions:
            for of in emission.types or (own,):
                if (of, emission.event) in self.listening:
                    yield emission, (of, emission.event)
        for name in sorted(handler.touched):
            if (own, f"set {name}") in self.listening:
                yield Emission("", (), "set", None, handler.where), (own, f"set {name}")

    def circles(self) -> Iterator[list[Link]]:
        """Yield circles of handlers, the short ones of each part of the graph first."""
        for part in self._parts():
            self._steps = _MOST_STEPS
            has_short = False
            for circle in self._short(part):
                has_short = True
                self._walks -= 1
                if self._walks < 0:
                    return
                yield circle
            if not has_short:
                yield from self._long(part)

    def _short(self, part: list[int]) -> Iterator[list[Link]]:
        inside = set(part)
        for length in range(1, _LONGEST + 1):
            for first in part:
                yield from self._from(first, first, length, inside, [])

    def _from(
        self, first: int, at: int, left: int, inside: set[int], path: list[Link]
    ) -> Iterator[list[Link]]:
        """Yield the circles of so many handlers more that end where they began."""
        handler = self.handlers[at]
        for emission, goal in self.ways[at]:
            link = Link(handler, emission)
            if left == 1:
                if goal in self.goals[first]:
                    yield [*path, link]
                continue
            for following in self.listening[goal]:
                self._steps -= 1
                if self._steps < 0:
                    return
                if following > first and following in inside and not self._is_on(path, following):
                    yield from self._from(first, following, left - 1, inside, [*path, link])

    def _long(self, part: list[int]) -> Iterator[list[Link]]:
        """Yield the shortest circle through the first handler of a part."""
        first = part[0]
        came: dict[int, tuple[int, Link]] = {}
        reached = [first]
        for at in reached:
            for emission, goal in self.ways[at]:
                for following in self.listening[goal]:
                    if following not in came:
                        came[following] = (at, Link(self.handlers[at], emission))
                        reached.append(following)
            if first in came:
                break
        before, link = came[first]
        path = [link]
        while before != first:
            before, link = came[before]
            path.append(link)
        yield path[::-1]

    def _is_on(self, path: list[Link], number: int) -> bool:
        return any(link.handler is self.handlers[number] for link in path)

    def _parts(self) -> list[list[int]]:
        """Return the numbers of handlers that lead to each other, by part, in order."""
        numbers: Iterable[_Node] = range(len(self.handlers))
        found = connected(numbers, self._next)
        parts = [sorted(n for n in part if isinstance(n, int)) for part in found]
        return sorted(part for part in parts if part)

    def _next(self, node: _Node) -> Iterable[_Node]:
        if isinstance(node, int):
            return [goal for _, goal in self.ways[node]]
        return self.listening.get(node, ())


def _tell(world: World, circle: list[Link], found: Verdict, graph: _Graph) -> None:
    first = circle[0]
    shown = [*_shown(circle)]
    if len(shown) > _MOST_SHOWN:
        shown[_MOST_SHOWN - 2 : -1] = ["..."]
    chain = " -> ".join(shown)
    others = tuple(
        Related(
            f'then {link.handler.kind} "{link.handler.name}"',
            link.emission.where.spec.span(link.emission.where.pointer, key=True),
        )
        for link in circle[1:_MOST_SHOWN]
    )
    code, severity, message = _judged(circle, found, graph)
    world.report(
        code,
        first.emission.where,
        f"{message} ({chain})",
        _cure(circle),
        severity,
        key=True,
        related=others,
    )


def _judged(circle: list[Link], found: Verdict, graph: _Graph) -> tuple[str, Severity, str]:
    limits = circle[0].handler.facts.ct.limits
    if any(link.emission.types for link in circle):
        end = f"the chain is cut off after {limits.hops} hops"
        if found.is_sure:
            return "CW742", "warning", f"cases set each other off without end, and {end}"
        return "CW742", "info", f"cases may set each other off without end; {end}"
    end = f"the step fails after {limits.raised_events} events"
    if not found.is_sure:
        return "CW741", "info", f"this may go round in a circle, and then {end}"
    members = {id(link.handler) for link in circle}
    is_alone = all(link.handler.kind == "rule" for link in circle) and not any(
        handler.touched & found.relied
        for handler in graph.handlers
        if handler.facts is circle[0].handler.facts and id(handler) not in members
    )
    if is_alone:
        return "CW740", "error", f"this goes round in a circle, and {end}"
    return "CW741", "warning", f"this goes round in a circle: if nothing else stops it, {end}"


def _cure(circle: list[Link]) -> str:
    posted = next((link.emission.event for link in circle if link.emission.data is None), "")
    if posted in ("comment", "work_note"):
        return (
            f"what rules post is by the engine, who has no role: let the rule on {posted} ask for "
            "one, such as `has role(...)`"
        )
    if any(link.emission.verb == "create" for link in circle):
        return "let a condition on the way tell such cases apart, such as by a field in `with`"
    return "give one of them a condition that becomes false by what is done on the way"


def _shown(circle: list[Link]) -> Iterator[str]:
    """Yield the events and handlers of a circle, from the event at which it begins to the same."""
    is_around = any(link.emission.types for link in circle)
    for before, link in zip((circle[-1], *circle), circle, strict=False):
        yield _arrival(before.emission, link.handler, is_around=is_around)
        yield f'{link.handler.kind} "{link.handler.name}"'
    yield _arrival(circle[-1].emission, circle[0].handler, is_around=is_around)


def _arrival(emission: Emission, handler: Handler, *, is_around: bool) -> str:
    if not emission.event:
        return "what that sets"
    return f'{handler.facts.ct.bare} "{emission.event}"' if is_around else f'"{emission.event}"'
