"""What is declared and can never come about: transitions and notifications without a cause.

A flow may serve many case types; its transition is told only if it has no cause in any of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.bind.places import Where
from casewright.bind.shape import BUILT_IN_DATA, ENGINE_EVENTS, walk_actions
from casewright.spec.models.common import one_or_many
from casewright.spec.nodes import find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casewright.bind.shape import Shape
    from casewright.bind.world import World


def lint_unused(world: World, shapes: Mapping[str, Shape]) -> None:
    """Report transitions and notifications that nothing brings about."""
    _lint_transitions(world, shapes)
    _lint_notifications(world)


def _lint_transitions(world: World, shapes: Mapping[str, Shape]) -> None:
    """CW413: a transition for the engine alone, on an event that no spec raises or sends."""
    without_cause: dict[int, tuple[Where, str]] = {}
    with_cause: set[int] = set()
    for shape in shapes.values():
        for where, events in _engine_transitions(shape):
            place = id(find(where.spec.root, where.pointer).node)
            if any(event in shape.sent or _is_engines(event) for event in events):
                with_cause.add(place)
            else:
                without_cause.setdefault(place, (where, events[0]))
    for place, (where, event) in without_cause.items():
        if place not in with_cause:
            message = f'only the engine may take this transition, and nothing raises "{event}"'
            hint = f"raise it in a timer or rule, such as `do: [{{raise: {event}}}]`, or let a role"
            world.report("CW413", where, message, hint, "warning", key=True)


def _engine_transitions(shape: Shape) -> Iterator[tuple[Where, tuple[str, ...]]]:
    if shape.flow_spec is None:
        return
    for name, transition in shape.flow_spec.model.transitions.items():
        if transition.roles == ("system",):
            where = Where(shape.flow_spec, "/transitions") / name
            yield where, one_or_many(transition.on) or (name,)


def _is_engines(event: str) -> bool:
    return event in BUILT_IN_DATA or event in ENGINE_EVENTS


def _lint_notifications(world: World) -> None:
    """CW818: a notification without event and condition that no action sends."""
    sent: set[str] = set()
    for kind in ("state_flow", "sla_definitions", "rules", "playbook"):
        for spec in world.packs.all(kind):
            for action in walk_actions(spec.model):
                name = getattr(action, "notify", None)
                if isinstance(name, str):
                    sent.add(name if "." in name else f"{spec.pack}.{name}")
    for spec in world.packs.all("notification_map"):
        for name, model in spec.model.notifications.items():
            if model.on is None and model.when is None and f"{spec.pack}.{name}" not in sent:
                where = Where(spec, "/notifications") / name
                message = f'nothing sends the notification "{name}"'
                hint = f"give it `on` or `when`, or send it: `do: [{{notify: {name}}}]`"
                world.report("CW818", where, message, hint, "warning", key=True)
