"""The diagram of a state flow: states, the transitions between them, and what happens inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.graph.diagram import Diagram, Edge, Label, Node, NodeKind
from casewright.graph.words import readable, shortened
from casewright.spec.models.common import one_or_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.spec.models.flows import State, StateFlow, Timer, Transition

START = "start "
ANYWHERE = "anywhere "
_ANY = "*"
_LINES = 8
_FEW = 2
_SYSTEM = ("system",)
_BUILT_IN = frozenset(
    {"comment", "work_note", "attach", "update", "create", "email_sent", "email_received"}
)


def state_flow_diagram(flow: StateFlow) -> Diagram:
    """Return the diagram of a state flow.

    Transitions between the same states share an arrow, dashed where only the engine takes them.
    One from ``*`` begins at a box for all states that are not final. One without ``to`` is a line
    in the boxes of its states, or a note below where there are many of them; timers are lines.

    Args:
        flow: the state flow, with what it extends merged in.
    """
    inside: dict[str, list[str]] = {name: [] for name in flow.states}
    between: dict[tuple[str, str], list[tuple[str, Transition]]] = {}
    notes: list[tuple[str, str]] = []
    for name, transition in flow.transitions.items():
        sources = one_or_many(transition.from_)
        if transition.to is None and len(sources) > _FEW:
            notes.append((_title(name, transition), f"in {_states(flow, sources)}"))
            continue
        for source in sources:
            at = ANYWHERE if source == _ANY else source
            if transition.to is None:
                inside.setdefault(at, []).append(_title(name, transition))
            else:
                between.setdefault((at, transition.to), []).append((name, transition))
    nodes = [Node(START, "", "start", tooltip="a new case")]
    nodes += [_state(name, state, inside[name]) for name, state in flow.states.items()]
    if ANYWHERE in inside or any(source == ANYWHERE for source, _ in between):
        lines = _listed(inside.get(ANYWHERE, []))
        nodes.append(Node(ANYWHERE, "any open state", "anywhere", lines, "every state not final"))
    known = {node.id for node in nodes}
    edges = [Edge(START, flow.initial)] if flow.initial in known else []
    edges += [
        _edge(source, target, transitions)
        for (source, target), transitions in between.items()
        if source in known and target in known
    ]
    return Diagram(flow.title or readable(flow.name), tuple(nodes), tuple(edges), tuple(notes))


def _states(flow: StateFlow, names: Sequence[str]) -> str:
    titles = [
        (flow.states[name].title if name in flow.states else None) or readable(name)
        for name in names
    ]
    return f"{', '.join(titles[:-1])} and {titles[-1]}"


def _title(name: str, transition: Transition) -> str:
    return transition.title or readable(name)


def _state(name: str, state: State, inside: list[str]) -> Node:
    timers = [_timer(key, timer) for key, timer in state.timers.items()]
    about = [name, state.description or "", "draft" if state.draft else ""]
    about.append("read-only" if state.read_only else "")
    tooltip = "\n".join(text for text in about if text)
    kind: NodeKind = "final" if state.final else "state"
    return Node(name, state.title or readable(name), kind, _listed(timers + inside), tooltip)


def _timer(name: str, timer: Timer) -> str:
    when = timer.after or timer.at or ""
    title = timer.title or readable(name)
    if when.startswith("="):
        return f"timer: {title}"
    return f"{'after' if timer.after else 'at'} {when}: {title}"


def _listed(lines: list[str]) -> tuple[str, ...]:
    shown = [shortened(line, 34) for line in lines]
    if len(shown) > _LINES:
        shown[_LINES - 1 :] = [f"and {len(shown) - _LINES + 1} more"]
    return tuple(shown)


def _edge(source: str, target: str, transitions: list[tuple[str, Transition]]) -> Edge:
    titles = [_title(name, transition) for name, transition in transitions]
    labels: list[Label] = []
    for name, transition in transitions:
        text = _title(name, transition)
        if titles.count(text) > 1:
            text += f" ({shortened(_who(transition), 28)})"
        tooltip = _tooltip(name, transition)
        labels.append(Label(text, tooltip=tooltip))
        events = [event for event in one_or_many(transition.on) if event in _BUILT_IN]
        if events:
            text = "on " + ", ".join(readable(event).lower() for event in events)
            labels.append(Label(text, quiet=True, tooltip=tooltip))
    dashed = all(transition.roles == _SYSTEM for _, transition in transitions)
    return Edge(source, target, tuple(labels), dashed)


def _who(transition: Transition) -> str:
    if transition.roles is None:
        return "whoever may update"
    return ", ".join(readable(role).lower() for role in transition.roles)


def _tooltip(name: str, transition: Transition) -> str:
    events = ", ".join(one_or_many(transition.on)) or name
    parts = [
        name,
        transition.description or "",
        f"on {events}",
        f"by {_who(transition)}",
        f"when {transition.when}" if transition.when else "",
        f"requires {', '.join(transition.require)}" if transition.require else "",
    ]
    return "\n".join(part for part in parts if part)
