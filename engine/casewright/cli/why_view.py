"""How the reasons of rules look: to a person, and as JSON to a program."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, cast

from casewright.cli.door import FINE
from casewright.cli.output import Format, plain, shown, write, write_json
from casewright.feel import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casewright.case import Case
    from casewright.feel import Deciding
    from casewright.program import ElementVerdict, PatternVerdict, Program, RuleVerdict
    from casewright.runtime import Engine, HistoryEntry

_NEAR = 20
"""How many rules that did not hold are told of in full."""
_NAMED = 6
_FOLDED = frozenset({"not watched", "other event", "unchanged", "held before", "not tried"})


def print_why(
    engine: Engine, case: Case, event: str, rule: str | None, format: Format = Format.TEXT
) -> int:
    """Print why rules acted on an event or did not; return the exit code.

    Args:
        rule: only this one, which may be a correlation, too.
    """
    found: list[RuleVerdict] = []
    patterns: list[PatternVerdict] = []
    if rule is None or not _is_correlation(engine, case, rule):
        found = engine.why(case.id, event, rule)
    if rule is None or not found:
        patterns = engine.why_observed(case.id, event, rule)
    entry = _entry(engine, case.id, event)
    if format is Format.JSON:
        write_json(why_json(case.id, entry, found, patterns))
        return FINE
    write(_head(case, entry))
    for line in _lines(found, patterns, rule):
        write(line)
    return FINE


def print_element(
    engine: Engine,
    case: Case,
    event: str,
    names: tuple[str | None, str | None],
    form: Format,
) -> int:
    """Print why a transition was taken or a notification sent, or not; return the exit code.

    Args:
        names: of the transition, and of the notification; None of what is not asked about.
    """
    transition, notification = names
    found: dict[str, ElementVerdict] = {}
    if transition is not None:
        found["transition"] = engine.why_transition(case.id, event, transition)
    if notification is not None:
        found["notification"] = engine.why_notification(case.id, event, notification)
    entry = _entry(engine, case.id, event)
    if form is Format.JSON:
        write_json({"case": case.id, "event": entry.event.get("id")} | _elements_json(found))
        return FINE
    write(_head(case, entry))
    for what, one in found.items():
        write(f"{what} {one.name} ({one.place})" if one.place else f"{what} {one.name}")
        if one.condition:
            write(f"  when: {one.condition}")
        verdict = "" if one.message.startswith(one.verdict) else f"{one.verdict}: "
        write(f"  {verdict}{one.message}")
    return FINE


def _elements_json(found: dict[str, ElementVerdict]) -> dict[str, Any]:
    return {
        what: {
            "name": one.name,
            "verdict": one.verdict,
            "message": one.message,
            "event": one.event,
            "condition": one.condition,
            "deciding": [deciding_json(part) for part in one.deciding],
            "place": one.place,
        }
        for what, one in found.items()
    }


def _is_correlation(engine: Engine, case: Case, name: str) -> bool:
    """Return whether a name is that of a correlation and of no rule of the case."""
    program = cast("Program", engine.program)
    if program.case_type(case.case_type).rules.by_name(name) is not None:
        return False
    return any(name in (full, full.rpartition(".")[2]) for full in program.correlations)


def _lines(
    found: Sequence[RuleVerdict], patterns: Sequence[PatternVerdict], rule: str | None
) -> Iterator[str]:
    if rule is None:
        yield from _all(found)
        yield from observed_lines([one for one in patterns if one.verdict not in _FOLDED])
    elif found:
        yield from _one(found[0])
    else:
        yield from observed_lines(patterns)


def _entry(engine: Engine, case: str, event: str) -> HistoryEntry:
    return engine.handled(case, event)


def _head(case: Case, entry: HistoryEntry) -> str:
    event = entry.event
    actor = cast("dict[str, Any]", event.get("actor") or {}).get("id", "system")
    revision = "" if entry.revision is None else f", revision {entry.revision}"
    return (
        f"{case.number or case.id}: {event.get('type')} {event.get('id')} by {actor}:"
        f" {entry.status}{revision}"
    )


def why_json(
    case: str,
    entry: HistoryEntry,
    found: Sequence[RuleVerdict],
    patterns: Sequence[PatternVerdict],
) -> dict[str, Any]:
    """Return the reasons as JSON; ``docs/explaining.md`` says what each key means."""
    return {
        "case": case,
        "event": entry.event.get("id"),
        "type": entry.event.get("type"),
        "status": entry.status,
        "revision": entry.revision,
        "rules": [_verdict_json(one) for one in found],
        "patterns": [observed_json(one) for one in patterns],
    }


def _verdict_json(one: RuleVerdict) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "verdict": one.verdict,
        "message": one.message,
        "event": one.event,
        "on": list(one.on),
        "condition": one.condition,
        "deciding": [deciding_json(part) for part in one.deciding],
        "distance": one.distance,
        "times": one.times,
        "bindings": [plain(binding) for binding in one.bindings],
        "did": list(one.did),
        "due": None if one.due is None else one.due.isoformat(),
        "overwritten": one.overwritten,
        "order": one.order,
        "place": one.place,
    }


def deciding_json(part: Deciding) -> dict[str, Any]:
    """Return a deciding part of a condition as JSON."""
    return {
        "text": part.text,
        "value": "unknown" if part.value is UNKNOWN else plain(part.value),
        "needed": part.needed,
        "seen": {text: "unknown" if v is UNKNOWN else plain(v) for text, v in part.seen},
        "why": part.why,
        "one_of": [deciding_json(inner) for inner in part.one_of],
    }


def _one(one: RuleVerdict) -> Iterator[str]:
    yield f"rule {one.rule} ({one.place}), number {one.order} in the order of trial"
    if one.condition:
        yield f"  when: {one.condition}"
    if one.verdict == "did not hold":
        yield f"  did not hold in {one.event}:"
        for part in one.deciding:
            yield from deciding_lines(part, "    ")
        return
    yield f"  {one.verdict}: {_rest(one)}"


def _rest(one: RuleVerdict) -> str:
    """Return a message without the verdict that it begins with."""
    return one.message.removeprefix(one.verdict).lstrip(":,; ") or "it changed nothing"


def deciding_lines(part: Deciding, indent: str) -> Iterator[str]:
    """Yield a deciding part, and of alternatives each on a line of its own."""
    if not part.one_of:
        yield f"{indent}{part}"
        return
    yield f"{indent}one of these was needed:"
    for inner in part.one_of:
        yield from deciding_lines(inner, indent + "  ")


def _all(found: Sequence[RuleVerdict]) -> Iterator[str]:
    if not found:
        yield "its case type has no rules"
        return
    by_verdict: dict[str, list[RuleVerdict]] = {}
    for one in found:
        by_verdict.setdefault(one.verdict, []).append(one)
    for verdict in ("fired", "lost"):
        for one in by_verdict.get(verdict, ()):
            yield f"  {one.rule}: {one.message}"
    near = by_verdict.get("did not hold", [])
    for one in near[:_NEAR]:
        yield f"  {one.rule}: did not hold: {one.message}"
    if len(near) > _NEAR:
        yield f"  {len(near) - _NEAR} more did not hold; see one with --rule"
    for one in by_verdict.get("held before", ()):
        yield f"  {one.rule}: {one.message}"
    yield from _folded(by_verdict)


def _folded(by_verdict: dict[str, list[RuleVerdict]]) -> Iterator[str]:
    unchanged = by_verdict.get("unchanged", [])
    if unchanged:
        read = "they read" if len(unchanged) > 1 else "it reads"
        yield f"  {_rules(len(unchanged))}: nothing that {read} has changed: {_names(unchanged)}"
    other = by_verdict.get("other event", [])
    if other:
        events = Counter(event for one in other for event in one.on)
        told = ", ".join(f"{event} ({count})" for event, count in events.most_common(_NAMED))
        yield f"  {_rules(len(other))} on other events: {told}"
    tried = by_verdict.get("not tried", [])
    if tried:
        yield f"  {_rules(len(tried))}: {tried[0].message}"


def _rules(count: int) -> str:
    return f"{shown(count)} rule{'s' * (count != 1)}"


def _names(found: Sequence[RuleVerdict]) -> str:
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return ", ".join(one.rule for one in found[:_NAMED]) + more


def observed_json(one: PatternVerdict) -> dict[str, Any]:
    """Return whether a pattern was observed as JSON."""
    return {
        "correlation": one.correlation,
        "pattern": one.pattern,
        "verdict": one.verdict,
        "message": one.message,
        "event": one.event,
        "window": one.window,
        "deciding": [deciding_json(part) for part in one.deciding],
        "place": one.place,
    }


def observed_lines(found: Sequence[PatternVerdict]) -> Iterator[str]:
    """Yield the lines that tell which windows were told."""
    for one in found:
        named = f"  {one.correlation}, pattern {one.pattern}"
        if one.verdict == "did not hold":
            yield f"{named}: not observed:"
            yield from parts_lines(one.deciding, "    ")
        elif one.verdict == "observed":
            yield f"{named}: observed, {one.message}"
        else:
            yield f"{named}: not observed: {one.message}"


def parts_lines(parts: Sequence[Deciding], indent: str) -> Iterator[str]:
    """Yield the lines of deciding parts."""
    for part in parts:
        yield from deciding_lines(part, indent)
