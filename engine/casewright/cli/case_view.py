"""How a case and its history look to a person."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, cast

from msgspec import UNSET

from casewright.cli.output import plain, shown, write, write_table
from casewright.cli.why_view import deciding_json
from casewright.feel import Explanation
from casewright.playbook import overview
from casewright.view import RecordsMissing
from casewright.views import handling_notes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from casewright.case import Case
    from casewright.playbook import StageStanding
    from casewright.program import Program
    from casewright.runtime import Engine
    from casewright.runtime.replay import Explained
    from casewright.views import HandlingNote


def print_case(engine: Engine, case: Case) -> None:
    """Print a case: a head, then fields, clocks, playbook, timers as far as there are any."""
    ct = cast("Any", engine.program.case_type(case.case_type))
    write(f"{case.number or case.id}  {ct.title or ct.name}  [{case.state}]")
    write(
        f"id {case.id}, revision {case.revision}, opened {shown(case.created_at)} by"
        f" {case.created_by}, updated {shown(case.updated_at)} by {case.updated_by}"
    )
    titles = {name: f"{field.title or name}" for name, field in ct.fields.items()}
    notes, colours, stages = _read(engine, ct, case)
    for note in notes:
        write(f"note: {note.title}: {note.text}")
    fields = [
        (titles.get(name, name), value, colours.get(name, ""))
        for name, value in case.fields.items()
    ]
    write_table(("field", "value", ""), fields)
    _print_clocks(case)
    if case.playbook is not None:
        where = " / ".join(p for p in (case.playbook.stage, case.playbook.activity) if p)
        write(f"playbook: {where or 'done'}")
        steps = [
            (stage.name if position == 0 else "", activity.name, activity.status, activity.why)
            for stage in stages
            for position, activity in enumerate(stage.activities)
        ]
        write_table(("stage", "activity", "status", "because"), steps)
    if case.timers:
        timers = [(t.key, _instant(t.due_us), t.parked) for t in sorted(case.timers, key=_due)]
        write_table(("timer", "due", "parked"), timers)


def _read(
    engine: Engine, ct: Any, case: Case
) -> tuple[list[HandlingNote], dict[str, str], tuple[StageStanding, ...]]:
    """Return the handling notes, colours and playbook of a case, for a reader without a name."""
    program = cast("Program", engine.program)
    definition = ct.playbook_of(case.playbook)
    reading = engine.reading()
    now = max(engine.clock.now(), case.updated_at)
    while True:
        view = program.view(case, reading.related, now=now)
        try:
            stages = () if definition is None else overview(definition, case.playbook, view)
            return handling_notes(ct.handling_notes, view), ct.views.highlight(view), stages
        except RecordsMissing as missing:
            reading.add(missing.needs)


def _due(timer: Any) -> int:
    return int(timer.due_us)


def _print_clocks(case: Case) -> None:
    rows = [
        (
            name,
            clocks.current.status,
            "breached" if clocks.current.breached else "",
            clocks.current.target,
            _instant(clocks.current.due_us),
        )
        for name, clocks in case.clocks.items()
    ]
    if rows:
        write_table(("clock", "status", "", "target", "due"), rows)


def _instant(us: int | None) -> dt.datetime | None:
    return None if us is None else dt.datetime.fromtimestamp(us / 1_000_000, dt.UTC)


def history_json(item: Explained, *, trace: bool) -> dict[str, Any]:
    """Return one event of a history as JSON."""
    entry = item.entry
    line: dict[str, Any] = {
        "revision": entry.revision,
        "status": entry.status,
        "at": _instant(entry.at_us),
        "event": entry.event,
        "changes": {path: list(pair) for path, pair in entry.changes.items()},
        "causes": list(entry.detail.causes),
        "errors": [
            {"code": p.code, "message": p.message, "path": p.path} for p in entry.detail.errors
        ],
        "ignored": plain([_struct(i) for i in entry.detail.ignored]),
        "effects": list(entry.detail.effects),
        "program": entry.program,
    }
    if trace:
        line["trace"] = [_reason_json(reason) for reason in _trace(item)]
    return cast("dict[str, Any]", plain(line))


def history_lines(items: Sequence[Explained], *, trace: bool) -> Iterator[str]:
    """Yield the lines that explain a case."""
    for item in items:
        entry = item.entry
        event = entry.event
        actor = cast("Mapping[str, Any]", event.get("actor") or {}).get("id", "system")
        at = _instant(entry.at_us)
        revision = "-" if entry.revision is None else str(entry.revision)
        what = f"{event.get('type')} {event.get('id')} by {actor}: {entry.status}"
        yield f"{revision:>4}  {at:%Y-%m-%d %H:%M:%S}  {what}"
        for problem in entry.detail.errors:
            yield f"      refused: {problem.code}: {problem.message}"
        if entry.detail.causes:
            yield f"      because: {', '.join(entry.detail.causes)}"
        yield from _change_lines(entry.changes)
        for effect in _effects(item):
            yield f"      {effect}"
        for ignored in entry.detail.ignored:
            found = _struct(ignored)
            yield f"      ignored: {found.get('event')}: {found.get('reason')}"
        if trace:
            for reason in _trace(item):
                yield f"      {_reason_line(reason)}"


def _change_lines(changes: Mapping[str, tuple[Any, Any]]) -> Iterator[str]:
    for path, (old, new) in changes.items():
        if path == "state" or path.startswith("fields."):
            name = path.removeprefix("fields.")
            yield f"      {name}: {_short(old)} -> {_short(new)}"


def _short(value: Any) -> str:
    if value is None:
        return "null"
    text = shown(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _effects(item: Explained) -> list[str]:
    outcome = item.outcome
    if outcome is None:
        return [f"effect {effect_id}" for effect_id in item.entry.detail.effects]
    return [
        f"{effect.kind}: {effect.name}" + (f" to {', '.join(effect.to)}" if effect.to else "")
        for effect in outcome.effects
    ]


def _trace(item: Explained) -> Sequence[dict[str, Any]]:
    outcome = item.outcome
    if outcome is None or outcome.trace is UNSET:
        return ()
    trace = cast("Sequence[dict[str, Any]]", outcome.trace)
    return [reason for reason in trace if reason.get("kind") not in ("settled", "flow")]


def _reason_json(reason: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _explained(k, v) for k, v in reason.items()}


def _explained(key: str, value: Any) -> Any:
    if key == "deciding":
        return [deciding_json(part) for part in value]
    return list(value.lines()) if isinstance(value, Explanation) else plain(value)


def _reason_line(reason: Mapping[str, Any]) -> str:
    place = reason.get("place", "")
    if "condition" not in reason:
        facts = {k: v for k, v in reason.items() if k not in ("event", "kind", "place") and v}
        return f"{reason.get('kind')} {place} {_short(plain(facts)) if facts else ''}".rstrip()
    verdict = "holds" if reason.get("held") else "does not hold"
    saw = "; ".join(str(part) for part in reason.get("deciding", ()))
    saw = f" ({saw})" if saw else ""
    return f"{place} {verdict}: {reason['condition']}{saw}"


def _struct(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    return {name: getattr(value, name) for name in getattr(value, "__struct_fields__", ())}
