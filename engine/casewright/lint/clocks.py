"""Clocks and calendars that cannot do what they say.

A condition is looked at for one state at a time. What it says of the state decides it or leaves it
open; fields are taken to have any value, so a finding is sure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where
from casewright.feel import tree
from casewright.temporal import skipped_hours

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casewright.bind.shape import Shape
    from casewright.bind.world import World

_YEARS = (2024, 2034)
_SHORT_MINUTES = 120


def lint_clocks(world: World, shapes: Mapping[str, Shape], case_types: Mapping[str, Any]) -> None:
    """Report pauses that never begin, clocks that never stop, windows that do not exist.

    A clock may serve many case types; it is told only if it is wrong for all of them.
    """
    told: dict[tuple[str, str], tuple[str, Where, str, str]] = {}
    fine: set[tuple[str, str]] = set()
    for name, ct in case_types.items():
        for clock_name, clock in ct.clocks.items():
            where = shapes[name].clocks[clock_name].where
            found = dict(_wrong(clock, clock_name, where, ct))
            for code in ("CW519", "CW520"):
                place = (code, str(where))
                if code in found:
                    told.setdefault(place, (code, *found[code]))
                else:
                    fine.add(place)
    for place, (code, where, message, hint) in told.items():
        if place not in fine:
            world.report(code, where, message, hint, "warning", key=True)
    for spec in world.packs.all("calendar"):
        _lint_hours(world, spec)


def _wrong(
    clock: Any, name: str, where: Where, ct: Any
) -> Iterator[tuple[str, tuple[Where, str, str]]]:
    reached = _reached(ct)
    live = [state for state in reached if not ct.flow.states[state].final]
    if clock.pause is not None and _never([clock.pause], live, ct):
        message = (
            f'clock "{name}" is never paused: its pause holds in no state that a case can be in'
        )
        yield "CW519", (where / "pause", message, "name a state that a transition leads to")
    if clock.stop is None:
        if clock.cancel is None and len(live) == len(reached):
            message = f'clock "{name}" never ends: it has no stop, and no final state is reached'
            yield "CW520", (where, message, "give it a `stop`")
        return
    conditions = (*clock.stop.level, *clock.stop.eventful)
    if not clock.stop.moments and _never(conditions, reached, ct):
        message = f'clock "{name}" never stops: its stop holds in no state that a case can be in'
        yield "CW520", (where / "stop", message, "name a state that a transition leads to")


def _reached(ct: Any) -> list[str]:
    """Return the states that transitions lead to from the initial one."""
    reached = [ct.flow.initial]
    for state in reached:
        for row in ct.flow.transitions:
            if row.to is not None and row.to not in reached and state in row.sources:
                reached.append(row.to)
    return reached


def _never(conditions: Iterable[Any], states: Iterable[str], ct: Any) -> bool:
    """Return whether it is sure that no condition holds in any of the states.

    One that names an unknown state is left to those who tell that.
    """
    roots = [condition.tree for condition in conditions]
    if not all(word in ct.flow.states for root in roots for word in _named(root)):
        return False
    return all(_holds(root, state) is False for state in states for root in roots)


def _holds(node: tree.Node, state: str) -> bool | None:
    """Return what a condition is in a state, None if that depends on anything else."""
    if isinstance(node, tree.Junction):
        decided = {_holds(item, state) for item in node.items}
        winner = node.op == "or"
        if winner in decided:
            return winner
        return None if None in decided else not winner
    if isinstance(node, tree.Call):
        is_not = isinstance(node.function, tree.Name) and node.function.name == "not"
        inner = _holds(node.arguments[0], state) if is_not and len(node.arguments) == 1 else None
        return None if inner is None else not inner
    if isinstance(node, tree.Literal) and isinstance(node.value, bool):
        return node.value
    if isinstance(node, tree.Comparison) and node.op in ("=", "!=") and _is_state(node.left):
        words = _words([node.right])
        return None if words is None else (state in words) == (node.op == "=")
    if isinstance(node, tree.Membership) and _is_state(node.value):
        words = _words(node.tests.tests)
        return None if words is None else (state in words) != node.tests.negated
    return None


def _named(root: tree.Node) -> Iterator[object]:
    """Yield the words that the state is compared with."""
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, tree.Comparison) and _is_state(node.left):
            yield from _words([node.right]) or ()
        elif isinstance(node, tree.Membership) and _is_state(node.value):
            yield from _words(node.tests.tests) or ()
        pending.extend(node.parts())


def _is_state(node: tree.Node) -> bool:
    return isinstance(node, tree.Name) and node.name == "state"


def _words(nodes: Iterable[tree.Node]) -> list[object] | None:
    """Return the literals that a state is compared with, None if there is anything else."""
    found: list[object] = []
    for node in nodes:
        for item in node.items if isinstance(node, tree.ListLiteral) else (node,):
            if not isinstance(item, tree.Literal):
                return None
            found.append(item.value)
    return found


def _lint_hours(world: World, spec: Any) -> None:
    """CW515, CW521: a calendar that never opens, and windows that a clock change skips."""
    calendar = world.calendars().get(spec.qualified)
    if calendar is None:
        return
    if calendar.never_opens:
        combined = spec.model.union or spec.model.intersection
        message = f'calendar "{spec.name}" never opens'
        hint = "its calendars are never open together" if combined else "give it `hours`"
        world.report("CW515", Where(spec, "/name"), message, hint, "warning", key=True)
    for day, windows in spec.model.hours.items():
        for index, window in enumerate(windows):
            opens, closes = (_minutes(text) for text in window.split("-"))
            if not opens < closes <= opens + _SHORT_MINUTES:
                continue
            for skipped in skipped_hours(calendar.timezone, *_YEARS):
                if skipped.covers(day, opens, closes):
                    message = f"this window does not exist on {skipped.date}: the clock skips it"
                    hint = "open earlier or close later, or give that date hours of its own"
                    where = Where(spec, "/hours") / day / index
                    world.report("CW521", where, message, hint, "warning")
                    break


def _minutes(text: str) -> int:
    hours, _, minutes = text.strip().partition(":")
    return int(hours) * 60 + int(minutes)
