"""Signals: what a message from outside that belongs to no case tells the windows that listen."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from msgspec import UNSET
from msgspec.structs import replace

from casewright.bind.fields import FieldDefinition  # noqa: TC001
from casewright.case import SYSTEM, Effect, Outcome, Problem
from casewright.errors import EventError
from casewright.feel import Budget
from casewright.feel.problems import suggestion
from casewright.flow import ANYBODY
from casewright.program.faults import Failed, Rejected
from casewright.program.watching import observation, receiver, told_by
from casewright.spec.nearest import meant
from casewright.view import Surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from casewright.case import Actor, Event, Related
    from casewright.program.kind import Limits
    from casewright.rules.correlations.definition import Signal, Watch

_CORRELATION = attrgetter("correlation")


class Heard(Surroundings):
    """What the expressions of patterns see of a signal.

    Attributes:
        event: the signal, its data converted.
        actor: who sent it.
    """

    __slots__ = ("_zone", "actor", "event", "trace")

    def __init__(
        self,
        event: Event,
        related: Related,
        now_us: int,
        limits: Limits,
        zone: ZoneInfo,
        trace: list[dict[str, Any]] | None,
    ) -> None:
        super().__init__(related, now_us, Budget(limits.evaluation))
        self.event = event
        self.actor: Actor = event.actor
        self.trace = trace
        self._zone = zone

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of the domain."""
        return self._zone


def find(signals: Mapping[str, Signal], name: str) -> Signal:
    """Return a signal by qualified name, or by bare name where only one pack has it.

    Raises:
        EventError: there is none, or several.
    """
    found = meant(name, signals)
    if len(found) == 1:
        return signals[found[0]]
    if found:
        known = ", ".join(found)
        raise EventError(f'several packs have a signal "{name}"; say which: {known}', "type")
    known_names = sorted({*signals, *(full.rpartition(".")[2] for full in signals)})
    hint = suggestion(name, known_names) or "an event of a case names the case"
    raise EventError(f'there is no signal "{name}"; {hint}', "type")


def hear(seen: Heard, signal: Signal, limits: Limits) -> Outcome:
    """Return what a signal comes to: an effect for each correlation that observes it.

    Raises:
        Rejected: the sender may not send it, or its data is not as declared.
    """
    event = seen.event
    problems: list[Problem] = []
    _judge_sender(event.actor, signal, problems)
    data = _converted(event.data, signal.data, problems)
    if problems:
        raise Rejected(problems)
    bare = signal.name.rpartition(".")[2]
    event = seen.event = replace(event, type=bare, data=data)
    effects: list[Effect] = []
    watches = signal.listening.candidates(seen) if seen.trace is None else signal.watches
    for correlation, group in groupby(watches, _CORRELATION):
        fitting = [watch for watch in group if _fits(seen, watch)]
        told = told_by(seen, fitting[0]) if fitting else None
        if told is None:
            continue
        if len(effects) >= limits.effects:
            raise Failed("effect_limit", f"a step may have at most {limits.effects} effects")
        effects.append(
            Effect(
                f"{event.id}/{correlation}",
                "observe",
                correlation,
                (receiver(correlation, told.key, fitting[0].place),),
                {
                    "correlation": correlation,
                    "key": told.key,
                    "observation": observation(event, fitting, told.data, event.id),
                },
                hops=event.hops + 1,
            )
        )
    return Outcome(
        "applied",
        None,
        event,
        seen.now_us,
        effects=tuple(effects),
        causes=(f"signal/{signal.name}",),
        trace=UNSET if seen.trace is None else tuple(seen.trace),
    )


def _judge_sender(actor: Actor, signal: Signal, problems: list[Problem]) -> None:
    wanted = signal.roles
    if not wanted or actor is SYSTEM or ANYBODY in wanted:
        return
    if not wanted.isdisjoint(role.rpartition(".")[2] for role in actor.roles):
        return
    bare = signal.name.rpartition(".")[2]
    held = ", ".join(sorted(actor.roles)) or "no role"
    message = (
        f'"{bare}" is refused: {actor.id} holds {held}; it is open to {", ".join(sorted(wanted))}'
    )
    problems.append(Problem("forbidden", message, "actor"))


def _converted(
    given: Mapping[str, Any], declared: Mapping[str, FieldDefinition], problems: list[Problem]
) -> dict[str, Any]:
    """Return the data of a signal as FEEL values, defaults added."""
    made: dict[str, Any] = {}
    for name in sorted(given):
        definition = declared.get(name)
        if definition is None:
            hint = suggestion(name, declared)
            message = f'unknown data "{name}"' + (f"; {hint}" if hint else "")
            problems.append(Problem("invalid", message, name))
            continue
        try:
            made[name] = definition.convert(given[name])
        except ValueError as err:
            problems.append(Problem("invalid", f"{name}: {err}", name))
    for name, definition in declared.items():
        if given.get(name) is not None:
            continue
        if definition.required:
            problems.append(Problem("requirement", f"{definition.title} is required", name))
        elif definition.default is not None and name not in given:
            made[name] = definition.default
    return made


def _fits(seen: Heard, watch: Watch) -> bool:
    """Return True if a signal fits a pattern as far as it alone decides."""
    for condition in watch.when:
        held = condition.true(seen, seen.budget)
        if seen.trace is not None:
            because = condition.explain(seen)
            place = f"correlation/{watch.correlation}/{watch.pattern}"
            seen.trace.append(
                {
                    "event": seen.event.type,
                    "kind": "pattern",
                    "place": place,
                    "condition": condition.text,
                    "held": held,
                    "because": because,
                }
            )
        if not held:
            return False
    return True
