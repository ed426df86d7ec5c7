"""What a step tells the windows that watch its case (rule 41).

An event is told at the end of its internal event, like a notification with ``on``. Of a pattern
without event a window knows for as long as its condition holds: it is told at the end of the step
when that begins or ceases, and when something that the window reads has changed meanwhile.
"""

from __future__ import annotations

import hashlib
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from casewright.actions import BadValue
from casewright.case import held_id
from casewright.program import codec
from casewright.rules.correlations.definition import window_id
from casewright.rules.correlations.keys import key_text
from casewright.temporal import to_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casewright.bind.values import Value
    from casewright.case import Event
    from casewright.program.step import Step
    from casewright.rules.correlations.definition import Watch, Watches
    from casewright.view import Surroundings, View

_CORRELATION = attrgetter("correlation")


class Told(NamedTuple):
    """What a window is told: for which key, and the observation's values."""

    key: Any
    data: dict[str, Any]


def tell_windows(step: Step, watches: Watches, event: Event) -> None:
    """Tell windows of an internal event; patterns of one correlation that it fits go together."""
    listening = watches.listening.get(event.type)
    if listening is None:
        return
    concerned = listening.candidates(step) if step.trace is None else listening.all
    for correlation, group in groupby(concerned, _CORRELATION):
        fitting = [watch for watch in group if _holds(step, watch)]
        if not fitting:
            continue
        told = told_by(step, fitting[0])
        if told is not None:
            _observe(step, correlation, event, fitting, told, step.effect_id(), holds=False)


def tell_standing(step: Step, watches: Watches) -> None:
    """Tell windows at the end of a step of what holds from now on, holds otherwise, or no longer.

    The case keeps what it has told, so that one that goes over to another program tells only what
    is otherwise by that, and tells the window that it has told before.
    """
    changed = -1 if step.is_create or step.root.type == "adopt" else step.step_bits
    concerned = [w for w in watches.holding if w.always or w.mask & changed]
    if not concerned:
        return
    step.look_back()
    for watch in concerned:
        _tell_standing(step, watch)


def _tell_standing(step: Step, watch: Watch) -> None:
    told = step.told or {}
    name = f"{watch.correlation}/{watch.pattern}"
    old = told.get(name, "")
    new = told_by(step, watch) if _holds(step, watch) else None
    kept = "" if new is None else _kept(watch, new)
    if kept == old:
        return
    observation_id = held_id(step.id, watch.pattern)
    was_told, will_be_told = old.partition(" ")[2], kept.partition(" ")[2]
    if was_told not in ("", will_be_told):
        _send(step, watch.correlation, was_told, {"gone": observation_id})
    others = {n: k for n, k in told.items() if n != name}
    step.told = {**others, name: kept} if kept else others
    if new is not None:
        event = step.root_event
        _observe(step, watch.correlation, event, [watch], new, observation_id, holds=True)


def _kept(watch: Watch, told: Told) -> str:
    """Return what a case keeps of what a window was told: a digest of it, and the window's id."""
    digest = hashlib.sha256(codec.dump(told.data)).hexdigest()[:16]
    return f"{digest} {receiver(watch.correlation, told.key, watch.place)}"


def _holds(step: Step, watch: Watch) -> bool:
    place = f"correlation/{watch.correlation}/{watch.pattern}"
    return all(step.holds(condition, "pattern", place) for condition in watch.when)


def told_by(view: View | Any, watch: Watch) -> Told | None:
    """Return what a window is told of what ``view`` sees; None where the key is null."""
    budget = view.budget
    key = watch.key.value(view, budget)
    return None if key is None else Told(key, worked_out(watch.data, view))


def worked_out(data: Mapping[str, Value], view: Surroundings) -> dict[str, Any]:
    """Return the values of an observation; null ones are left out."""
    made = {name: value.get(view, view.budget) for name, value in data.items()}
    return {name: value for name, value in made.items() if value is not None}


def at_us(event: Event) -> int:
    """Return when it happened: as the sender says, but never later than it was admitted."""
    time, occurred = event.time, event.occurred
    if time is None:
        raise ValueError("an admitted event has a time")
    if occurred is None or occurred.tzinfo is None:
        return to_us(time)
    return to_us(min(occurred, time))


def observation(
    event: Event,
    fitting: Iterable[Watch],
    data: Mapping[str, Any],
    observation_id: str,
    **more: Any,
) -> dict[str, Any]:
    """Return an observation as messages carry it."""
    return {
        "id": observation_id,
        "at_us": at_us(event),
        "fits": [watch.pattern for watch in fitting],
        "type": event.type,
        "data": data,
        **more,
    }


def receiver(correlation: str, key: object, place: str) -> str:
    """Return the id of the window for a key.

    Raises:
        BadValue: it cannot be one.
    """
    try:
        return window_id(correlation, key_text(key))
    except ValueError as err:
        raise BadValue(place, str(err)) from err


def _observe(
    step: Step,
    correlation: str,
    event: Event,
    fitting: list[Watch],
    told: Told,
    observation_id: str,
    *,
    holds: bool,
) -> None:
    about = {"case": step.id, "case_type": step.case_type}
    if holds:
        made = observation(event, fitting, told.data, observation_id, **about, holds=True)
    else:
        made = observation(event, fitting, told.data, observation_id, **about)
    to = receiver(correlation, told.key, fitting[0].place)
    _send(step, correlation, to, {"key": told.key, "observation": made})


def _send(step: Step, correlation: str, window: str, what: dict[str, Any]) -> None:
    step.effect("observe", correlation, (window,), {"correlation": correlation, **what})
    step.causes.append(f"observe/{correlation}")
