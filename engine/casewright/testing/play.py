"""One scenario under way: its steps become events, what comes is compared with what is expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from casewright.case import SYSTEM, Actor, Event
from casewright.errors import CasewrightError
from casewright.testing.compare import differences
from casewright.testing.happened import Item, is_named, items_of, missing_and_unexpected
from casewright.testing.results import Difference, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casewright.case import Case, Outcome
    from casewright.spec.models.scenarios import Expect, Scenario, Step
    from casewright.spec.pack_set import Spec
    from casewright.testing.world import World

_PARTIAL = ("sla", "playbook")
_COMPLETE = ("notified", "created", "published")


class ScenarioMistake(Exception):  # noqa: N818  becomes a difference
    """A step that cannot be run as it is written."""


class Play:
    """A scenario in its world.

    Args:
        spec: the scenario.
        world: a new world; nothing has happened in it.
    """

    def __init__(self, spec: Spec, world: World) -> None:
        self.spec = spec
        self.scenario = scenario = cast("Scenario", spec.model)
        self.world = world
        self.aliases: dict[str, str] = {}
        self.last: str | None = None
        self.actors = {
            name: Actor(actor.id or name, actor.roles, dict(actor.__pydantic_extra__))
            for name, actor in scenario.actors.items()
        }

    def all(self) -> tuple[int, tuple[Difference, ...]]:
        """Return how many steps ran, and the differences of the last one."""
        for number, step in enumerate(self.scenario.steps, 1):
            found = tuple(self._step(number, step))
            if found:
                return number, found
        return len(self.scenario.steps), ()

    def _step(self, number: int, step: Step) -> Iterator[Difference]:
        span = self.spec.span(f"/steps/{number - 1}")
        try:
            outcome = self._done(number, step)
            pairs = list(self._judged(step, outcome))
        except (ScenarioMistake, CasewrightError, ValueError) as mistake:
            yield Difference(
                "step", "a step that can run", str(mistake), number, _words(step), span
            )
            return
        for path, expected, came, reasons in pairs:
            yield Difference(
                path, shown(expected), shown(came), number, _words(step), span, reasons
            )

    def _done(self, number: int, step: Step) -> Outcome | None:
        self.world.mark()
        if step.wait is not None:
            self.world.wait(step.wait, self._case_id(step, needed=False))
        outcome = None
        if step.do is not None:
            outcome = self.world.submit(self._event(number, step))
            self.last = outcome.event.case or self.last
            if step.as_ is not None:
                self.aliases[step.as_] = outcome.event.case
        self.world.settle()
        return outcome

    def _event(self, number: int, step: Step) -> Event:
        actor = SYSTEM if step.by is None else self.actors.get(step.by)
        if actor is None:
            raise ScenarioMistake(f'there is no actor "{step.by}" in this scenario')
        event_type = cast("str", step.do)
        signal = self._signal(step)
        if step.window is not None:
            raise ScenarioMistake("a window takes no events; look at it in a step without `do`")
        if signal is not None and step.as_ is not None:
            raise ScenarioMistake("a signal makes no case by itself; find one by its fields")
        is_caseless = event_type == "create" or signal is not None
        case = "" if is_caseless else cast("str", self._case_id(step))
        case_type = self._qualified(step.case_type) if step.case_type else ""
        answered = self.world.open_call(case, event_type) if step.by is None else None
        return Event(
            type=signal or event_type,
            id=answered or f"{self.spec.name}-{number}",
            case=case,
            case_type=case_type,
            time=self.world.now,
            actor=actor,
            data=self._data(step, case),
            expected=step.expected,
            service=step.service,
            record_producer=step.record_producer,
        )

    def _signal(self, step: Step) -> str | None:
        """Return the signal that a step without a case sends, or None."""
        if step.do is None or step.do == "create" or step.case is not None:
            return None
        return self.world.signal(step.do, self.spec.pack)

    def _qualified(self, name: str) -> str:
        return name if "." in name else self.world.qualified(name, self.spec.pack)

    def _data(self, step: Step, case: str) -> dict[str, Any]:
        """Return the data of an event: names of cases become ids, ``= feel`` its value."""
        case_type = step.case_type and self._qualified(step.case_type)
        references = self.world.case_references(case_type or "", case, cast("str", step.do))
        return {
            name: self._given(value, references if name in references else None)
            for name, value in step.with_.items()
        }

    def _given(self, value: Any, references: frozenset[str] | None) -> Any:
        if isinstance(value, str):
            return self._literal(value, None, is_case=references is not None)
        if isinstance(value, list | tuple):
            return [self._given(item, references) for item in cast("Sequence[Any]", value)]
        return value

    def _literal(self, value: Any, case: Case | None, *, is_case: bool) -> Any:
        if not isinstance(value, str):
            return value
        if value.startswith("= "):
            return self.world.evaluate(value[2:], self.aliases, case)
        return self.aliases.get(value, value) if is_case else value

    def _reader(self, case: Case, name: str) -> Callable[[Any], Any]:
        """Return what turns a literal beside the field ``name`` into what it stands for."""
        is_case = name in self.world.case_references(case.case_type, case.id, "")
        return lambda value: self._literal(value, case, is_case=is_case)

    def _case_id(self, step: Step, *, needed: bool = True) -> str | None:
        if isinstance(step.case, str):
            if step.case not in self.aliases:
                known = ", ".join(self.aliases) or "none so far"
                raise ScenarioMistake(f'no case was named "{step.case}" by `as`; {known}')
            return self.aliases[step.case]
        if step.case is not None:
            return self._found(step.case)
        if self.last is None and needed:
            raise ScenarioMistake("there is no case yet")
        return self.last

    def _found(self, fields: Mapping[str, Any]) -> str:
        found = [case.id for case in self.world.cases() if self._has(case, fields)]
        if len(found) != 1:
            count = "no case has" if not found else f"{len(found)} cases have"
            raise ScenarioMistake(f"{count} {shown(dict(fields))}")
        return found[0]

    def _has(self, case: Case, fields: Mapping[str, Any]) -> bool:
        for name, value in fields.items():
            if name == "case_type":
                if not is_named(case.case_type, str(value)):
                    return False
                continue
            try:
                came = self.world.value(case, name)
            except ValueError:  # a case of another type, which has no such field
                return False
            if any(differences(name, value, came, self._reader(case, name))):
                return False
        return True

    def _judged(
        self, step: Step, outcome: Outcome | None
    ) -> Iterator[tuple[str, Any, Any, tuple[str, ...]]]:
        expect = step.expect
        if outcome is not None:
            yield from _status(expect, outcome)
        if expect is None:
            return
        if step.window is not None:
            pairs = self._window_pairs(step, expect)
        else:
            pairs = self._case_pairs(expect, self._looked_at(step, outcome))
        for path, wanted, came in pairs:
            yield path, wanted, came, ()
        for path in _COMPLETE:
            if path in expect.model_fields_set:
                wanted = getattr(expect, path)
                for name, want, came in self._happened(path, wanted, step):
                    yield name, want, came, ()

    def _looked_at(self, step: Step, outcome: Outcome | None) -> Case | None:
        if outcome is not None:
            return self.world.case(outcome.event.case)
        entity = self._case_id(step, needed=False)
        return None if entity is None else self.world.case(entity)

    def _case_pairs(self, expect: Expect, case: Case | None) -> Iterator[tuple[str, Any, Any]]:
        wanted = dict(expect.__pydantic_extra__)
        if expect.state is not None:
            wanted["state"] = expect.state
        wanted |= {k: getattr(expect, k) for k in _PARTIAL if k in expect.model_fields_set}
        if not wanted:
            return
        if case is None:
            yield "case", "a case", None
            return
        for name, value in wanted.items():
            came = self.world.value(case, name)
            if name == "sla" and isinstance(value, Mapping):
                value = _clock_words(cast("Mapping[str, Any]", value))
            yield from differences(name, value, came, self._reader(case, name))

    def _window_pairs(self, step: Step, expect: Expect) -> Iterator[tuple[str, Any, Any]]:
        """Yield what is said of a window; one that never was is empty."""
        key = self._literal(step.key, None, is_case=False)
        found = self.world.window(cast("str", step.window), key, self.spec.pack)
        came = {
            "state": "empty" if found is None else found.state,
            "observations": 0 if found is None else len(found.observations),
            "fired": 0 if found is None else found.fired,
        }
        wanted = dict(expect.__pydantic_extra__)
        if expect.state is not None:
            wanted["state"] = expect.state
        for name, value in wanted.items():
            if name not in came:
                raise ScenarioMistake(f'a window has no "{name}"; it has {", ".join(came)}')
            yield from differences(name, value, came[name], lambda one: one)

    def _happened(self, path: str, expected: Any, step: Step) -> Iterator[tuple[str, Any, Any]]:
        effects = self.world.effects_since_mark()
        if path != "created":
            kind = "notification" if path == "notified" else "publish"
            yield from missing_and_unexpected(path, expected, items_of(effects, kind))
            return
        made = [
            Item(case.case_type)
            for case in self.world.created_since_mark(without_first=step.do == "create")
        ]
        found = list(missing_and_unexpected(path, expected, made))
        if found and step.do == "create":
            everything = [Item(case.case_type) for case in self.world.created_since_mark()]
            if not list(missing_and_unexpected(path, expected, everything)):
                return
        yield from found


def _status(
    expect: Expect | None, outcome: Outcome
) -> Iterator[tuple[str, Any, Any, tuple[str, ...]]]:
    codes = None if expect is None else expect.errors
    wanted: str = "applied" if expect is None or expect.status is None else expect.status
    if codes and (expect is None or expect.status is None) and outcome.status != "applied":
        wanted = outcome.status
    reasons = tuple(f"{p.code}: {p.message}" for p in outcome.errors)
    if outcome.status != wanted:
        yield "status", wanted, outcome.status, reasons
    came = [p.code for p in outcome.errors]
    for code in codes or ():
        if code not in came:
            yield "errors", code, came or None, reasons


def _clock_words(clocks: Mapping[str, Any]) -> dict[str, Any]:
    """Return expectations of clocks with a bare status spelled out."""
    return {k: {"status": v} if isinstance(v, str) else v for k, v in clocks.items()}


def _words(step: Step) -> str:
    if step.title:
        return step.title
    if step.do is None:
        return f"wait {step.wait}" if step.wait else "look"
    return f"{step.by}: {step.do}" if step.by else step.do
