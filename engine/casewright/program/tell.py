"""Tell (rule 24) and what cases say to each other about themselves (rule 35)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from casewright.case import Case, RelatedItem
from casewright.program.watching import tell_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.case import Event
    from casewright.notify import Notice, Notification, Publication, TopicMessage
    from casewright.program.asking import Asking
    from casewright.program.kind import CaseType, ReportTo
    from casewright.program.step import Step


def tell(step: Step, event: Event) -> None:
    """Send the notifications with ``on`` that this internal event sets off."""
    ct = step.ct
    if step.trace is not None:
        _explain(step, ct.notifications.on.get(event.type, ()))
        _explain(step, ct.messages.on.get(event.type, ()))
    if event.type in ct.notifications.on:
        for notice in ct.notifications.after(event.type, step, step.notified):
            send_notice(step, notice)
    if event.type in ct.messages.on:
        for publication in ct.messages.after(event.type, step, step.notified):
            _publish(step, publication)
    if ct.watches is not None:
        tell_windows(step, ct.watches, event)


def tell_at_end(step: Step) -> None:
    """Send the notifications with ``when`` alone, against the case before the step."""
    ct = step.ct
    changed = -1 if step.is_create else step.step_bits
    if step.trace is None and not (
        ct.notifications.may_tell(changed) or ct.messages.may_tell(changed)
    ):
        return
    step.look_back()
    if step.trace is not None:
        _explain(step, ct.notifications.conditional)
        _explain(step, ct.messages.conditional)
    for notice in ct.notifications.at_end(step, step.notified, changed):
        send_notice(step, notice)
    for publication in ct.messages.at_end(step, step.notified, changed):
        _publish(step, publication)


def _explain(step: Step, candidates: Sequence[Notification | TopicMessage]) -> None:
    """Note why each of these goes out or not."""
    for one in candidates:
        if one.when is not None:
            step.explain(one.when, "notification", f"notification/{one.name}")


def _publish(step: Step, publication: Publication) -> None:
    step.notified.add(publication.key)
    step.effect("publish", publication.name, (), publication.payload())
    step.causes.append(publication.key)


def send_notice(step: Asking, notice: Notice) -> None:
    """Add the effect of a notification; one without recipients is only noted."""
    if not notice.to:
        step.note("notification", notice.name, why="no recipients")
        return
    step.notified.add(notice.name)
    data = {**notice.payload(), "case_type": step.case_type}
    step.effect("notification", notice.name, notice.to, data)
    step.causes.append(f"notification/{notice.name}")


def report_to_others(step: Step) -> None:
    """Tell parents of a child that changed, and children of a parent that did."""
    ct = step.ct
    for report in ct.reports:
        _report_up(step, report)
    if ct.told and step.related_lists:
        _report_down(step)


def _report_up(step: Step, report: ReportTo) -> None:
    before = step.before
    old_parent = None if before is None else before.fields.get(report.by)
    new_parent = step.fields.get(report.by)
    if old_parent is None and new_parent is None:
        return
    new = _item(step.ct, step)
    old = None if before is None else _item(step.ct, before)
    if old_parent == new_parent:
        if new_parent is not None and old != new:
            _summary(step, new_parent, report, old, new)
        return
    if old_parent is not None:
        _summary(step, old_parent, report, old, None)
    if new_parent is not None:
        _summary(step, new_parent, report, _as_counted(step, new_parent, new), new)


def _as_counted(step: Step, parent: str, new: RelatedItem) -> RelatedItem | None:
    """Return what the parent has counted already because it made this case itself."""
    origin = step.root.origin
    if step.is_create and origin is not None and origin.case == parent and step.root.counted_in:
        return _initial(step, new)
    return None


def _initial(step: Step, new: RelatedItem) -> RelatedItem:
    return RelatedItem(new.id, new.case_type, None, step.ct.initial, final=False)


def _summary(
    step: Step, to: str, report: ReportTo, old: RelatedItem | None, new: RelatedItem | None
) -> None:
    data: dict[str, Any] = {
        "lists": list(report.lists),
        "old": None if old is None else to_builtins(old),
        "new": None if new is None else to_builtins(new),
    }
    step.effect("summary", "child_changed", (to,), data)


def _item(ct: CaseType, of: Step | Case) -> RelatedItem:
    fields = {name: of.fields[name] for name in sorted(ct.reported) if name in of.fields}
    final = ct.flow.states[of.state].final
    return RelatedItem(of.id, ct.name, of.number, of.state, final, fields)


def _report_down(step: Step) -> None:
    """Tell children what they read of this case, when that has changed or they are new to it."""
    before = step.before
    ct = step.ct
    new = _item(ct, step)
    old = None if before is None else _item(ct, before)
    for name, by in ct.told:
        summary = step.related_lists.get(name)
        if summary is None or not summary.count:
            continue
        known = before.related.get(name) if before is not None else None
        seen = {item.id for item in known.items} if known is not None else set[str]()
        data = {"field": by, "new": to_builtins(new)}
        if old != new:
            step.effect("summary", "parent_changed", (), data, to_list=name)
        else:
            fresh = tuple(item.id for item in summary.items if item.id not in seen)
            if fresh:
                step.effect("summary", "parent_changed", fresh, data)
