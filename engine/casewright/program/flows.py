"""Compiling a state flow: states, timers and transitions, with every name checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where
from casewright.flow import Flow, Requirement, StateDefinition, Transition
from casewright.spec.models.common import one_or_many

if TYPE_CHECKING:
    from casewright.actions.binder import CaseBinder
    from casewright.actions.timers import TimerDefinition
    from casewright.program.kind import CaseType
    from casewright.spec.pack_set import Spec


def compiled_flow(binder: CaseBinder, ct: CaseType) -> Flow:
    """Return the state flow of a case type; its timers are added to ``ct``."""
    spec = binder.shape.flow_spec
    if spec is None:
        return Flow(ct.name, "", {}, ())
    model = spec.model
    root = Where(spec, "")
    binder.state(model.initial, root / "initial")
    states = {
        name: _state(binder, ct, name, state, root / "states" / name)
        for name, state in model.states.items()
    }
    transitions = [
        _transition(binder, spec, name, row, root / "transitions" / name)
        for name, row in model.transitions.items()
    ]
    initial = model.initial if model.initial in states else next(iter(states))
    known = [row for row in transitions if row.to is None or row.to in states]
    return Flow(spec.qualified, initial, states, known)


def _state(
    binder: CaseBinder, ct: CaseType, name: str, model: Any, where: Where
) -> StateDefinition:
    timers: list[TimerDefinition] = []
    for timer_name, timer_model in model.timers.items():
        key = f"state/{name}/{timer_name}"
        timer = binder.timer(key, len(ct.timers), timer_model, where / "timers" / timer_name)
        ct.timers[key] = timer
        timers.append(timer)
    if timers:
        ct.timers_of[("state", name)] = tuple(timers)
    return StateDefinition(
        name,
        model.title or name.replace("_", " ").capitalize(),
        model.draft,
        model.final,
        model.read_only,
        binder.actions(model.enter, where / "enter"),
        binder.actions(model.exit, where / "exit"),
        tuple(timers),
    )


def _transition(binder: CaseBinder, spec: Spec, name: str, model: Any, where: Where) -> Transition:
    events = one_or_many(model.on) or (name,)
    states = spec.model.states
    named = one_or_many(model.from_)
    sources = tuple(
        dict.fromkeys(
            state
            for given in named
            for state in (
                [s for s, d in states.items() if not d.final] if given == "*" else [given]
            )
        )
    )
    for given, place in zip(named, _places(model.from_, where / "from"), strict=True):
        if given != "*":
            binder.state(given, place)
    if model.to is not None:
        binder.state(model.to, where / "to")
        for source in sources:
            if source in states and states[source].final:
                binder.report(
                    "CW406",
                    where / "from",
                    f'"{source}" is final; no transition leads from it to "{model.to}"',
                    "leave out `to`, or do not mark the state `final`",
                )
    for i, role in enumerate(model.roles or ()):
        binder.role(role, where / "roles" / i)
    extra = binder.naming(events)
    when = None
    if model.when is not None:
        when = binder.condition(model.when, where / "when", "event", extra)
    return Transition(
        name,
        model.title or name.replace("_", " ").capitalize(),
        events,
        tuple(source for source in sources if source in states),
        model.to,
        frozenset(model.roles or ()),
        when,
        tuple(
            Requirement(text, field, condition)
            for text, field, condition in binder.requirements(
                model.require, where / "require", extra
            )
        ),
        binder.actions(model.do, where / "do", "event", extra),
        str(where),
    )


def _places(raw: str | tuple[str, ...], where: Where) -> list[Where]:
    """Return the place of each name where one or a list of them stands."""
    return [where] if isinstance(raw, str) else [where / i for i in range(len(raw))]
