"""Slips in scenarios: what can never happen or hold, found without running them.

All are warnings: scenarios are no part of a program. What a step is about is followed only where
it is certain; a case found by its fields, or created by a service, may be anything.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where
from casewright.bind.shape import BUILT_IN_DATA
from casewright.case import COLUMNS
from casewright.spec.nearest import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casewright.bind.shape import Shape
    from casewright.bind.world import World
    from casewright.spec.pack_set import Spec

_OF_WINDOWS = ("observations", "fired")

_DECLARED_BY = {
    "actor": "declare it: `actors: {{{}: {{roles: [...]}}}}`",
    "case": "name one by `as` in the step that creates it",
}


def lint_scenarios(world: World, shapes: Mapping[str, Shape]) -> None:
    """Report what cannot be in the scenarios of all packs."""
    events = set(_events(world, shapes))
    for spec in world.packs.all("scenario"):
        _Scenario(world, shapes, spec, events).check()


def _events(world: World, shapes: Mapping[str, Shape]) -> Iterator[str]:
    """Yield the types of all events that a step may do."""
    yield from BUILT_IN_DATA
    for shape in shapes.values():
        yield from shape.event_types
    for spec in world.packs.all("rules"):
        yield from spec.model.signals
    for spec in world.packs.all("playbook"):
        yield from _playbook_actions(spec.model)


def _by_name(world: World, pack: str, part: str) -> dict[str, Any]:
    """Return signals or correlations by the names that a scenario of a pack may give them."""
    found: dict[str, Any] = {}
    for spec in world.packs.all("rules"):
        for name, model in getattr(spec.model, part).items():
            found[f"{spec.pack}.{name}"] = model
            if spec.pack == pack or name not in found:
                found[name] = model
    return found


def _playbook_actions(playbook: Any) -> dict[str, Any]:
    """Return the actions of all activities and cards by name."""
    found: dict[str, Any] = {}
    for stage in playbook.stages.values():
        for activity in stage.activities.values():
            found.update(activity.actions)
            for card in activity.recommend.values():
                found.update(card.actions)
    return found


class _Scenario:
    """The check of one scenario."""

    def __init__(
        self, world: World, shapes: Mapping[str, Shape], spec: Spec, events: set[str]
    ) -> None:
        self.world = world
        self.shapes = shapes
        self.spec = spec
        self.events = events
        self.signals = _by_name(world, spec.pack, "signals")
        self.correlations = _by_name(world, spec.pack, "correlations")
        self.named: dict[str, Shape | None] = {}
        self.last: Shape | None = None

    def check(self) -> None:
        """Report what cannot be."""
        model: Any = self.spec.model
        top = Where(self.spec, "")
        if not _is_instant(model.start):
            hint = "write for example 2026-03-02T09:00:00Z"
            self._report("CW901", top / "start", f'"{model.start}" is no instant', hint)
        for name in model.records:
            self._known(top / "records" / name, "CW908", "record type", name, self._record_types())
        for index, step in enumerate(model.steps):
            self._step(top / "steps" / index, step)

    def _step(self, where: Where, step: Any) -> None:
        model: Any = self.spec.model
        if step.by is not None:
            self._known(where / "by", "CW902", "actor", step.by, model.actors)
        if step.do is not None:
            self._known(where / "do", "CW903", "event", step.do, self.events)
        elif step.wait is None and step.expect is None:
            self._report(
                "CW904", where, "the step does nothing", "give it `do`, `wait` or `expect`"
            )
        if step.window is not None:
            self._window(where, step)
            return
        if step.do in self.signals and step.case is None:
            for name in step.with_:
                known = self.signals[step.do].data
                self._known(where / "with" / name, "CW906", "data", name, known, key=True)
            return
        shape = self._shape(where, step)
        if shape is not None and model.domain is None:  # an overlay may add to the case type
            self.last = shape
            self._with(where / "with", step, shape)
            if step.expect is not None:
                self._expect(where / "expect", step.expect, shape)
        if step.as_ is not None:
            self.named[step.as_] = shape if step.do == "create" else None

    def _window(self, where: Where, step: Any) -> None:
        if step.do is not None:
            hint = "look at the window in a step without `do`"
            self._report("CW909", where / "do", "a window takes no events", hint)
        if "key" not in step.model_fields_set:
            hint = "give the value that it is for as `key`"
            self._report("CW909", where, "there is a window for each value of the key", hint)
        self._known(where / "window", "CW908", "correlation", step.window, self.correlations)
        if step.expect is None:
            return
        state = step.expect.state
        if state is not None:
            self._known(where / "expect" / "state", "CW907", "state", state, ("empty", "open"))
        for name in step.expect.__pydantic_extra__ or ():
            place = where / "expect" / name
            self._known(place, "CW907", "figure of a window", name, _OF_WINDOWS, key=True)

    def _shape(self, where: Where, step: Any) -> Shape | None:
        """Return the case type that a step is about, where that is certain."""
        if step.do == "create":
            return self._created(where, step)
        if isinstance(step.case, str):
            if step.case not in self.named:
                known = self.named
                self._known(where / "case", "CW905", "case", step.case, known)
                return None
            return self.named[step.case]
        return None

    def _created(self, where: Where, step: Any) -> Shape | None:
        if step.case_type is None:
            if step.service is None and step.record_producer is None:
                hint = "name a case_type, service or record_producer"
                self._report("CW904", where / "do", "a creation of nothing", hint)
            return None
        spec = self.world.seek("case_type", step.case_type, where / "case_type")
        if spec is None:
            known = self.world.packs.candidates("case_type", self.spec.pack)
            bare = {name.rpartition(".")[2]: name for name in self.shapes}
            if step.case_type not in bare and step.case_type not in self.shapes:
                self._known(where / "case_type", "CW908", "case type", step.case_type, known)
            return self.shapes.get(bare.get(step.case_type) or step.case_type)
        return self.shapes.get(spec.qualified)

    def _with(self, where: Where, step: Any, shape: Shape) -> None:
        known: set[str] = set(shape.fields) | set(BUILT_IN_DATA.get(step.do, ()))
        is_action = step.do == "activity" or step.do not in shape.event_types
        for event in shape.event_data if is_action else [step.do]:
            known |= set(shape.event_data.get(event, ()))
        if shape.playbook_spec is not None:
            for action in _playbook_actions(shape.playbook_spec.model).values():
                known |= set(action.data)
        for name in step.with_:
            self._known(where / name, "CW906", "field or data", name, known, key=True)

    def _expect(self, where: Where, expect: Any, shape: Shape) -> None:
        if expect.state is not None:
            self._known(where / "state", "CW907", "state", expect.state, shape.states)
        for name in expect.sla or ():
            self._known(where / "sla" / name, "CW907", "clock", name, shape.clocks, key=True)
        known = {*shape.fields, *shape.related, *COLUMNS}
        for name in expect.__pydantic_extra__ or ():
            self._known(where / name, "CW907", "field", name, known, key=True)

    def _record_types(self) -> set[str]:
        names = set(self.world.record_types)
        return names | {name.rpartition(".")[2] for name in names}

    def _known(
        self,
        where: Where,
        code: str,
        what: str,
        name: str,
        known: Iterable[str],
        *,
        key: bool = False,
    ) -> None:
        names = sorted(known)
        if name not in names:
            hint = suggestion(name, names) or _DECLARED_BY.get(what, "").format(name)
            self.world.report(code, where, f'unknown {what} "{name}"', hint, "warning", key=key)

    def _report(self, code: str, where: Where, message: str, hint: str) -> None:
        self.world.report(code, where, message, hint, "warning")


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
