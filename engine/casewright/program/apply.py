"""Apply (rule 16): what an event's data, and the engine's own events, do to the case at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.case import POST_TO, Problem, RelatedItem
from casewright.program import adopting, timers
from casewright.program.faults import Rejected
from casewright.program.related import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.case import Event
    from casewright.program.kind import WayIn
    from casewright.program.step import Step


def apply(step: Step, event: Event) -> None:
    """Apply an internal event; a ``create`` that Admit has applied already is left alone."""
    own = _OWN.get(event.type)
    if own is not None:
        own(step, event)
        return
    if step.act is not None and event is step.root_event:
        _fields(step, event, set(step.act.fields) - set(POST_TO))
        return
    _fields(step, event, None)


def _fields(step: Step, event: Event, only: set[str] | None) -> None:
    declared = step.ct.event_data.get(event.type, {})
    for name, value in event.data.items():
        if name in declared or (only is not None and name not in only):
            continue
        definition = step.ct.fields.get(name)
        if definition is None:
            continue
        if definition.kind == "journal":
            if value:
                step.post(POST_TO[name], value)
            continue
        _keep_once(step, name, value)
        step.store(definition, value)


def _keep_once(step: Step, name: str, value: Any) -> None:
    definition = step.ct.fields[name]
    old = step.fields.get(name)
    if definition.set_once and old is not None and old != value and not step.is_create:
        raise Rejected([Problem("constraint", f"{name} is set once; it is {old!r}", name)])


def create(step: Step, event: Event) -> None:
    """Make the case: what a service and a producer set, the event's data, then other defaults."""
    if step.is_applied:
        return
    step.is_applied = True
    ct = step.ct
    _set_first(step, event, "service", event.service, ct.services)
    producer = _set_first(step, event, "record_producer", event.record_producer, ct.producers)
    _fields(step, event, None)
    for definition, value in ct.defaults:
        if definition.name not in event.data and definition.name not in step.fields:
            step.put(definition, value.get(step, step.budget))
    if producer is not None and producer.then is not None:
        step.enqueue(producer.then, {}, event.actor)


def _set_first(
    step: Step, event: Event, what: str, name: str | None, ways: Mapping[str, WayIn]
) -> WayIn | None:
    """Set what a service or record producer sets; return it."""
    if name is None:
        return None
    way = ways.get(name)
    if way is None:
        known = ", ".join(ways) or "none"
        shown = what.replace("_", " ")
        raise Rejected([Problem("invalid", f'unknown {shown} "{name}"; known: {known}', what)])
    for definition, value in way.set:
        if definition.name not in event.data:
            step.put(definition, value.get(step, step.budget))
    return way


def _posted(step: Step, event: Event) -> None:
    step.record(event.type, event.data["text"], event.actor)


def _recorded(step: Step, event: Event) -> None:
    data = dict(event.data)
    text = data.pop("text", None) or data.pop("name", None) or ""
    step.record(event.type, str(text), event.actor, data)


def _child_changed(step: Step, event: Event) -> None:
    data = event.data
    for name in data["lists"]:
        if name not in step.ct.related:
            continue
        old = _item(data.get("old"))
        new = _item(data.get("new"))
        summary = step.related_list(name)
        step.put_related(name, counted(summary, old, new))


def _parent_changed(step: Step, event: Event) -> None:
    name, new = event.data["field"], _item(event.data.get("new"))
    if new is not None and step.fields.get(name) == new.id:
        step.parents = {**step.parents, name: new}
        step.mark(step.ct.fields[name].bit)


def _item(data: dict[str, Any] | None) -> RelatedItem | None:
    if data is None:
        return None
    return RelatedItem(
        data["id"],
        data["case_type"],
        data.get("number"),
        data["state"],
        data["final"],
        data["fields"],
    )


_OWN: dict[str, Callable[[Step, Event], None]] = {
    "create": create,
    "comment": _posted,
    "work_note": _posted,
    "attach": _recorded,
    "email_sent": _recorded,
    "email_received": _recorded,
    "child_changed": _child_changed,
    "parent_changed": _parent_changed,
    "timer": timers.run_timer,
    "recalculate": adopting.adopt,
    "adopt": adopting.adopt,
}
