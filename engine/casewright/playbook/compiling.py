"""From a playbook's spec to its definition: names resolved, conditions compiled, mistakes reported.

A part that is broken is left out of the definition and every mistake is reported; the program does
not come to be where one of them is an error.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from casewright.bind.fields import FieldDefinition
from casewright.bind.places import Where
from casewright.bind.scope import event_type
from casewright.bind.shape import BUILT_IN_DATA
from casewright.feel import Name
from casewright.feel import types as feel
from casewright.playbook.definition import (
    BUILT_IN,
    CONTINUE,
    STAY,
    ActionDefinition,
    ActivityDefinition,
    CardDefinition,
    PlaybookDefinition,
    Requirement,
    StageDefinition,
)
from casewright.templates import compile_template

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from casewright.actions.binder import CaseBinder
    from casewright.actions.timers import TimerDefinition
    from casewright.feel import Expression
    from casewright.spec.pack_set import Spec

_NO_DATA: Mapping[str, FieldDefinition] = MappingProxyType({})


def compile_playbook(binder: CaseBinder, spec: Spec, events: Container[str]) -> PlaybookDefinition:
    """Return the definition of a playbook.

    Args:
        binder: of the case type whose playbook it is; takes the diagnostics.
        spec: of kind ``playbook``, merged with what it extends.
        events: event types that transitions of the case type are on; an action of such a name is
            that event.
    """
    return _Compiling(binder, spec, events).playbook()


class _Compiling:
    """One compile: the binder, and the names that actions may go to."""

    def __init__(self, binder: CaseBinder, spec: Spec, events: Container[str]) -> None:
        self._binder = binder
        self._spec = spec
        self._events = events
        self._names: set[str] = {
            name for stage in spec.model.stages.values() for name in stage.activities
        }
        self._timers: dict[str, TimerDefinition] = {}
        self._position = 0

    def playbook(self) -> PlaybookDefinition:
        """Return the whole definition."""
        root = Where(self._spec, "/stages")
        self._check_names(root)
        stages = {
            name: self._stage(name, model, root / name)
            for name, model in self._spec.model.stages.items()
        }
        line = tuple(a for stage in stages.values() for a in stage.activities)
        return PlaybookDefinition(
            name=self._spec.qualified,
            title=self._spec.model.title or "",
            stages=stages,
            line=line,
            activities={activity.name: activity for activity in line},
            timers=self._timers,
            reads=frozenset(path for e in _levels(stages) for path in e.reads),
            fingerprint=self._binder.fingerprint(self._spec.model),
        )

    def _check_names(self, root: Where) -> None:
        seen: dict[str, str] = {}
        for stage, model in self._spec.model.stages.items():
            places = [(stage, root / stage, "stage")]
            places += [(a, root / stage / "activities" / a, "activity") for a in model.activities]
            for name, where, what in places:
                if name in seen:
                    self._binder.report(
                        "CW801",
                        where,
                        f'{what} "{name}" has the name of {seen[name]}; `go_to` means one of them',
                        "give one of them another name",
                        key=True,
                    )
                article = "an activity" if what == "activity" else "a stage"
                seen.setdefault(name, f"{article} further up")

    def _stage(self, name: str, model: Any, where: Where) -> StageDefinition:
        if not model.activities:
            self._binder.report(
                "CW802",
                where,
                f'stage "{name}" has no activities, so it is never reached',
                key=True,
            )
        return StageDefinition(
            name=name,
            title=model.title or _words(name),
            when=self._level(model.when, where / "when"),
            do=self._binder.actions(model.do, where / "do", "event"),
            activities=tuple(
                self._activity(key, activity, name, where / "activities" / key)
                for key, activity in model.activities.items()
            ),
        )

    def _activity(self, name: str, model: Any, stage: str, where: Where) -> ActivityDefinition:
        fields = self._fields(model.fields, where / "fields")
        position = self._position
        self._position += 1
        guidance = None
        if model.guidance is not None:
            guidance = compile_template(self._binder, model.guidance, where / "guidance")
        cards = {
            key: CardDefinition(
                key,
                card.title or _words(key),
                self._event(card.when, where / "recommend" / key / "when", self._naming()),
                self._actions(card.actions, where / "recommend" / key / "actions"),
            )
            for key, card in model.recommend.items()
        }
        return ActivityDefinition(
            name=name,
            stage=stage,
            position=position,
            title=model.title or _words(name),
            fields=fields,
            journals=frozenset(f for f in fields if self._binder.fields[f].kind == "journal"),
            require=tuple(
                Requirement(*parts)
                for parts in self._binder.requirements(
                    model.require, where / "require", self._naming()
                )
            ),
            when=self._level(model.when, where / "when"),
            done_when=self._level(model.done_when, where / "done_when"),
            guidance=guidance,
            do=self._binder.actions(model.do, where / "do", "event"),
            actions=self._actions(model.actions, where / "actions"),
            cards=cards,
            timers=tuple(
                self._timer(f"activity/{name}/{key}", timer, where / "timers" / key)
                for key, timer in model.timers.items()
            ),
        )

    def _fields(self, names: tuple[str, ...], where: Where) -> tuple[str, ...]:
        known = self._binder.case_type.fields
        found: list[str] = []
        for i, name in enumerate(names):
            if name not in known:
                self._binder.unknown("CW803", where / i, "field", name, known)
            elif known[name].computed is not None:
                text = f'field "{name}" is computed, so nobody can fill it in'
                self._binder.report("CW804", where / i, text, severity="warning")
                found.append(name)
            else:
                found.append(name)
        return tuple(found)

    def _actions(self, models: Mapping[str, Any], where: Where) -> dict[str, ActionDefinition]:
        return {name: self._action(name, model, where / name) for name, model in models.items()}

    def _action(self, name: str, model: Any, where: Where) -> ActionDefinition:
        if name in BUILT_IN:
            self._binder.report(
                "CW805",
                where,
                f'"{name}" is built in and cannot be declared',
                "use another name; the activity's `do` runs once it is completed",
                key=True,
            )
        then = model.then or STAY
        if then not in (STAY, CONTINUE, *self._names):
            self._binder.unknown(
                "CW806", where / "then", "activity", then, {STAY, CONTINUE, *self._names}
            )
            then = STAY
        event = name if name in self._events else None
        data = self._binder.data(model.data, where / "data")
        names = self._naming(*filter(None, (event,)), data=data)
        return ActionDefinition(
            name=name,
            title=model.title or _words(name),
            when=self._event(model.when, where / "when", names),
            data=data,
            do=self._binder.actions(model.do, where / "do", "event", names),
            then=then,
            event=event,
        )

    def _naming(
        self, *events: str, data: Mapping[str, FieldDefinition] = _NO_DATA
    ) -> dict[str, Name]:
        """Return the names of expressions in which ``event`` is that of an activity."""
        shape = self._binder.shape
        known = {n: d for n, d in shape.fields.items() if d.kind != "journal"}
        for event in ("activity", *events):
            known.update(shape.event_data.get(event, {}))
        for name in BUILT_IN_DATA["activity"]:
            known[name] = FieldDefinition(name, "string", feel.STRING)
        return {"event": Name(event_type({**known, **data}), "s.event", ("event",))}

    def _timer(self, key: str, model: Any, where: Where) -> TimerDefinition:
        timer = self._binder.timer(key, len(self._timers), model, where)
        self._timers[key] = timer
        return timer

    def _level(self, text: str | None, where: Where) -> Expression | None:
        if text is None:
            return None
        made = self._binder.condition(text, where, "level")
        if made is not None and any(path[0] == "playbook" for path in made.reads):
            self._binder.report(
                "CW810",
                where,
                "where a playbook stands cannot depend on where it stands",
                "order follows from the file; read what the activity before it leaves in the case",
            )
        return made

    def _event(
        self, text: str | None, where: Where, names: Mapping[str, Name]
    ) -> Expression | None:
        return None if text is None else self._binder.condition(text, where, "event", names)


def _levels(stages: Mapping[str, StageDefinition]) -> Iterator[Expression]:
    for stage in stages.values():
        if stage.when is not None:
            yield stage.when
        for activity in stage.activities:
            for expression in (activity.when, activity.done_when):
                if expression is not None:
                    yield expression


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
