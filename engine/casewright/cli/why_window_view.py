"""How the reasons of windows look, and of what was observed: to a person, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from casewright.case import WINDOW_PREFIX
from casewright.cli.door import FINE
from casewright.cli.output import Format, plain, write, write_json
from casewright.cli.why_view import (
    deciding_json,
    observed_json,
    observed_lines,
    parts_lines,
)
from casewright.feel import shown as value_shown
from casewright.program.why_watch import qualified

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casewright.case import Event
    from casewright.program import Program, WindowVerdict
    from casewright.program.why_window import FiringTold, PatternStanding
    from casewright.runtime import Engine


def print_window(engine: Engine, window: str, event: str, form: Format) -> int:
    """Print why a window fired at an event, or did not; return the exit code."""
    found = engine.why_window(window, event)
    if form is Format.JSON:
        write_json(window_json(found))
        return FINE
    for line in window_lines(found):
        write(line)
    return FINE


def window_json(found: WindowVerdict) -> dict[str, Any]:
    """Return what became of a window as JSON; ``docs/explaining.md`` says what each key means."""
    blocked = found.blocked_by
    return {
        "window": found.window,
        "correlation": found.correlation,
        "key": plain(found.key),
        "event": found.event,
        "verdict": found.verdict,
        "message": found.message,
        "observed": list(found.observed),
        "patterns": [_standing_json(one) for one in found.patterns],
        "blocked_by": None
        if blocked is None
        else {"observation": blocked[0], "pattern": blocked[1]},
        "firings": [_firing_json(one) for one in found.firings],
        "earlier": [_firing_json(one) for one in found.earlier],
        "place": found.place,
    }


def _standing_json(one: PatternStanding) -> dict[str, Any]:
    return {
        "pattern": one.pattern,
        "needed": one.needed,
        "found": list(one.found),
        "fit": one.fit,
        "is_met": one.is_met,
        "message": one.message,
        "rejected": [
            {
                "observation": misfit.observation,
                "deciding": [deciding_json(part) for part in misfit.deciding],
            }
            for misfit in one.rejected
        ],
        "distinct": one.distinct,
        "values": plain(one.values),
        "repeated": list(one.repeated),
    }


def _firing_json(one: FiringTold) -> dict[str, Any]:
    return {
        "event": one.event,
        "at": one.at.isoformat(),
        "found": plain(one.found),
        "did": list(one.did),
        "consumed": list(one.consumed),
    }


def window_lines(found: WindowVerdict) -> Iterator[str]:
    """Yield the lines that explain a step of a window."""
    yield f"{found.window}: {found.event}: {_verdict(found.verdict)}"
    if found.place:
        yield f"  defined at {found.place}"
    if found.observed:
        yield f"  observed as {', '.join(found.observed)}"
    for firing in found.firings:
        yield f"  {_firing(firing)}"
    if not found.firings:
        yield f"  {found.message}" if found.verdict != "short" else "  what it lacks:"
    if found.firings and found.patterns:
        yield "  what it lacks for the next:"
    if found.verdict in ("short", "fired"):
        for one in found.patterns:
            yield from _standing(one)
    for firing in found.earlier:
        yield f"  earlier: {_firing(firing)}"


def _verdict(kind: str) -> str:
    return {"short": "did not fire", "blocked": "did not fire, blocked"}.get(kind, kind)


def _standing(one: PatternStanding) -> Iterator[str]:
    yield f"    {one.pattern}: {len(one.found)} of {one.needed}" + _found(one)
    if one.repeated:
        values = ", ".join(value_shown(value) for value in one.values) or "null"
        left_out = ", ".join(one.repeated)
        yield f"      another {one.distinct} than {values} is needed; left out: {left_out}"
    for misfit in one.rejected:
        yield f"      {misfit.named} does not fit:"
        yield from parts_lines(misfit.deciding, "        ")


def _found(one: PatternStanding) -> str:
    if one.found:
        return f" ({', '.join(one.found)})"
    return "" if one.fit else ", no observation fits it"


def _firing(one: FiringTold) -> str:
    found = ", ".join(f"{name} = {' '.join(ids)}" for name, ids in one.found.items())
    did = f": {'; '.join(one.did)}" if one.did else ""
    gone = f"; consumed {' '.join(one.consumed)}" if one.consumed else ""
    return f"{one.at:%Y-%m-%d %H:%M:%S} fired on {found}{did}{gone}"


def print_signals(engine: Engine, signals: Sequence[Event], only: str, form: Format) -> int:
    """Print which windows would be told of signals; return the exit code.

    Args:
        only: name of a correlation, or the id of a window of it; "" for all.

    Raises:
        EventError: there is no such correlation or signal.
    """
    named = only.removeprefix(WINDOW_PREFIX).partition("/")[0]
    name = qualified(cast("Program", engine.program), named) if named else ""
    told: list[dict[str, Any]] = []
    for signal in signals:
        found = [one for one in engine.why_signal(signal) if name in ("", one.correlation)]
        told.append(
            {"signal": signal.type, "id": signal.id, "patterns": [observed_json(v) for v in found]}
        )
        if form is Format.TEXT:
            write(f"{signal.type} {signal.id}".rstrip())
            for line in observed_lines(found):
                write(line)
    if form is Format.JSON:
        write_json(told)
    return FINE
