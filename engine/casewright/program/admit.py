"""Who and what is let in (rule 15): judged on events from outside, before anything is applied.

All reasons are collected. At ``create`` they are judged on the case that Apply would make.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from casewright import playbook
from casewright.bind.fields import plain_value
from casewright.bind.shape import BUILT_IN_DATA
from casewright.case import COLUMNS, JOURNAL_OF, POST_TO, SYSTEM, Problem
from casewright.feel.problems import suggestion
from casewright.flow import ANYBODY
from casewright.program import apply
from casewright.program.faults import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.case import Event
    from casewright.playbook import Act
    from casewright.program.kind import CaseType
    from casewright.program.step import Step

BUILT_IN = frozenset(BUILT_IN_DATA)


def admitted(step: Step) -> Event:
    """Return the root event with its data converted; the step has begun with it.

    Raises:
        Rejected: with every reason.
    """
    event = step.root
    problems: list[Problem] = []
    answers = step.ct.answer_to(step, event)
    is_asked = step.is_outside and not answers
    if is_asked:
        _judge_type(step.ct, event, problems)
        if problems:
            raise Rejected(problems)
    root = _begun(step, event, problems, is_asked=is_asked)
    if not is_asked:
        if problems:
            raise Rejected(problems)
        if answers:
            step.calls = tuple(call for call in step.calls if call.id != event.id)
        return root
    if step.is_create:
        if problems:
            raise Rejected(problems)
        apply.create(step, root)
        step.is_applied = True
    _judge_revision(step, event, problems)
    if not _is_open_state(step, root):
        problems.append(_read_only(step))
    _judge_roles(step, root, problems)
    _judge_fields(step, root, problems)
    if problems:
        raise Rejected(problems)
    return root


def _begun(step: Step, event: Event, problems: list[Problem], *, is_asked: bool) -> Event:
    """Return the root event with its data converted, as whoever acts; the step begins with it."""
    act = _act(step, event, problems) if event.type == "activity" else None
    data = _converted(step, event, act, problems)
    event_type = event.type if act is None or act.event is None else act.event
    root = event
    if data is not event.data or event_type != event.type or not is_asked:
        actor = event.actor if is_asked else SYSTEM
        root = replace(event, type=event_type, data=data, actor=actor)
    step.root_event = root
    step.act = act
    step.begin(root)
    return root


def _judge_type(ct: CaseType, event: Event, problems: list[Problem]) -> None:
    event_type = event.type
    if event_type in ct.engine_events:
        problems.append(
            Problem(
                "forbidden", f'"{event_type}" is an event of the engine; nobody sends it', "type"
            )
        )
    elif event_type not in BUILT_IN and event_type not in ct.flow.event_types:
        known = sorted(BUILT_IN | ct.flow.event_types)
        hint = suggestion(event_type, known)
        problems.append(
            Problem(
                "invalid",
                f'unknown event type "{event_type}"; ' + (hint or f"known: {', '.join(known)}"),
                "type",
            )
        )
    elif event_type in ct.closed_events:
        problems.append(
            Problem(
                "forbidden",
                f'"{event_type}" is raised by the case itself; no transition opens it to a role',
                "type",
            )
        )


def _act(step: Step, event: Event, problems: list[Problem]) -> Act:
    definition = step.ct.playbook_of(step.playbook)
    data = event.data
    if definition is None:
        raise Rejected([Problem("invalid", "the case type has no playbook", "activity")])
    found = playbook.find(
        definition,
        step.playbook,
        data.get("activity") or "",
        data.get("action") or "",
        data.get("card"),
    )
    if isinstance(found, Problem):
        problems.append(found)
        raise Rejected(problems)
    return found


def _converted(
    step: Step, event: Event, act: Act | None, problems: list[Problem]
) -> dict[str, Any]:
    """Return the data with FEEL values, by name; what is wrong is added to ``problems``."""
    ct = step.ct
    if event.type in ct.engine_events or not (event.data or event.type in ct.takes_data):
        return event.data
    declared: Mapping[str, FieldDefinition] = ct.event_data.get(event.type, _NOTHING)
    if act is not None:
        declared = {**ct.event_data.get(act.event or "", {}), **act.data}
    given = event.data
    built_in = BUILT_IN_DATA.get(event.type, ())
    made: dict[str, Any] = {}
    for name in sorted(given) if len(given) > 1 else given:
        definition = declared.get(name)
        if definition is None and name not in built_in:
            definition = ct.fields.get(name)
            if definition is None or not _takes(ct, event, act, name, step):
                problems.append(_unknown(ct, event, act, declared, name))
                continue
            if definition.computed is not None:
                problems.append(Problem("invalid", f"{name} is computed; nobody sets it", name))
                continue
        value = given[name]
        try:
            made[name] = plain_value(value) if definition is None else definition.convert(value)
        except ValueError as err:
            problems.append(Problem("invalid", f"{name}: {err}", name))
    if declared:
        _complete(made, declared, problems)
    if event.type in JOURNAL_OF and not isinstance(made.get("text"), str):
        problems.append(Problem("invalid", f"a {event.type} needs `text`, a text", "text"))
    return made


def _complete(
    made: dict[str, Any], declared: Mapping[str, FieldDefinition], problems: list[Problem]
) -> None:
    """Add defaults of declared data, and a problem for each that is required and not given."""
    for name, definition in declared.items():
        if made.get(name) is not None:
            continue
        if definition.required:
            problems.append(Problem("requirement", f"{definition.title} is required", name))
        elif definition.default is not None and name not in made:
            made[name] = definition.default


def _takes(ct: CaseType, event: Event, act: Act | None, name: str, step: Step) -> bool:
    if act is not None:
        return name in act.fields
    if event.record_producer is not None and step.is_outside:
        producer = ct.producers.get(event.record_producer)
        return producer is None or name in producer.fields
    return True


def _unknown(
    ct: CaseType, event: Event, act: Act | None, declared: Mapping[str, Any], name: str
) -> Problem:
    if act is not None:
        known = [*act.fields, *declared]
        what = f"activity {act.activity.name} does not take"
    elif event.record_producer is not None and name in ct.fields:
        known = list(ct.producers[event.record_producer].fields)
        what = f"record producer {event.record_producer} does not take"
    elif name in COLUMNS:
        message = f'"{name}" is kept by the engine; nobody sets it'
        return Problem("invalid", message, name)
    else:
        known = [*ct.fields, *declared]
        what = "unknown field or data"
    hint = suggestion(name, known)
    return Problem("invalid", f'{what} "{name}"' + (f"; {hint}" if hint else ""), name)


_NOTHING: dict[str, FieldDefinition] = {}


def _judge_revision(step: Step, event: Event, problems: list[Problem]) -> None:
    before = step.before
    if event.expected is None or before is None:
        return
    if event.expected < before.touched_revision or event.expected > before.revision:
        problems.append(
            Problem(
                "stale",
                f"the case was changed at revision {before.touched_revision} "
                f"since {event.expected}; look at it again",
                "expected",
            )
        )


def _is_open_state(step: Step, root: Event) -> bool:
    if not step.ct.flow.states[step.state].read_only or step.is_create:
        return True
    if root.type in BUILT_IN:
        return False
    declared = step.ct.event_data.get(root.type, _NOTHING)
    return not any(name in step.ct.fields and name not in declared for name in root.data)


def _read_only(step: Step) -> Problem:
    title = step.ct.flow.states[step.state].title or step.state
    return Problem("read_only", f'the case is read-only in state "{title}"')


def _judge_roles(step: Step, root: Event, problems: list[Problem]) -> None:
    ct = step.ct
    event_type = root.type
    if event_type == "create":
        _judge_way_in(step, root, problems)
        return
    if ct.roles.is_open:
        return
    rows = ct.flow.rows.get((step.state, event_type), ())
    if event_type in BUILT_IN:
        what = "update" if event_type == "activity" else event_type
        held = step.held_roles()
        if not ct.roles.may(held, what) and not _may_update_some(step, root):
            problems.append(_forbidden(step, what, ct.roles.who_may(what)))
        return
    for row in rows:
        if row_is_open(step, row):
            return
    if rows:
        wanted = sorted({role for row in rows for role in row.roles})
        if not all(row.roles for row in rows):
            known = {*wanted, *ct.roles.who_may("update"), *ct.roles.who_may(event_type)}
            wanted = [name for name in ct.roles.definitions if name in known]
        problems.append(_forbidden(step, event_type, wanted))


def row_is_open(step: Step, row: Any) -> bool:
    """Return True if the actor may take a transition, as far as roles go."""
    ct = step.ct
    if row.roles:
        return ANYBODY in row.roles or not row.roles.isdisjoint(step.held_roles())
    held = step.held_roles()
    return (
        ct.roles.is_open
        or ct.roles.may(held, "update")
        or any(ct.roles.may(held, event) for event in row.on)
    )


def _may_update_some(step: Step, root: Event) -> bool:
    """Return True if every field of an update is open to the actor on its own."""
    if root.type != "update" or not root.data:
        return False
    held = step.held_roles()
    return all(
        name in step.ct.fields and step.ct.roles.may_write(held, step.ct.fields[name], "update")
        for name in root.data
    )


def _judge_way_in(step: Step, root: Event, problems: list[Problem]) -> None:
    ct = step.ct
    held = step.held_roles()
    if not ct.roles.may(held, "create"):
        problems.append(_forbidden(step, "create", ct.roles.who_may("create")))
    for name, ways in ((root.service, ct.services), (root.record_producer, ct.producers)):
        if name is None:
            continue
        way = ways[name]
        if way.roles and way.roles.isdisjoint(held) and ANYBODY not in way.roles:
            problems.append(_forbidden(step, name, sorted(way.roles)))
        if way.when is not None and not way.when.true(step, step.budget):
            problems.append(
                Problem("forbidden", f"{name} is not offered: {way.when.text}", "service")
            )


def _forbidden(step: Step, what: str, wanted: list[str]) -> Problem:
    held = step.held_roles()
    who = f"{step.root.actor.id} holds {', '.join(sorted(held)) or 'no role here'}"
    who += "".join(f" ({reason})" for reason in _why_not_held(step, held))
    needs = f"; it is open to {', '.join(wanted)}" if wanted else ""
    return Problem("forbidden", f'"{what}" is refused: {who}{needs}', "actor")


def _why_not_held(step: Step, held: frozenset[str]) -> Iterator[str]:
    """Yield why roles that the actor came with do not count on this case."""
    for name in step.root.actor.roles:
        bare = name.rpartition(".")[2]
        definition = step.ct.roles.definitions.get(bare)
        if definition is None:
            yield f"{name} is no role of this case type"
        elif bare not in held and definition.when is not None:
            yield f"{name} is held only where {definition.when.text}"


def _judge_fields(step: Step, root: Event, problems: list[Problem]) -> None:
    ct = step.ct
    if not root.data or ct.roles.is_open:
        return
    held = step.held_roles()
    built_in = BUILT_IN_DATA.get(root.type, ())
    declared = ct.event_data.get(root.type, _NOTHING)
    general = "create" if step.is_create else "update"
    for name in root.data:
        definition = ct.fields.get(name)
        if definition is None or name in declared or name in built_in:
            continue
        if definition.kind == "journal" and ct.roles.may(held, POST_TO[name]):
            continue
        if not ct.roles.may_write(held, definition, general):
            wanted = sorted(definition.write or ()) or ct.roles.who_may(general)
            problems.append(
                Problem(
                    "forbidden", f"{name} may be set by {', '.join(wanted) or 'nobody'} only", name
                )
            )


def no_transition(step: Step, event_type: str) -> list[Problem]:
    """Return why no transition of this type is taken now."""
    rows = step.ct.flow.rows.get((step.state, event_type), ())
    state = step.ct.flow.states[step.state].title or step.state
    if not rows:
        sources = step.ct.flow.sources_of(event_type)
        return [
            Problem(
                "no_transition",
                f'"{event_type}" is not possible in state "{state}"; it is in '
                + (", ".join(sources) or "no state"),
            )
        ]
    reasons = [
        f"{row.name} needs {row.when.text}" if row.when is not None else f"{row.name} needs a role"
        for row in rows
    ]
    return [
        Problem(
            "no_transition",
            f'"{event_type}" is not possible in state "{state}" now: ' + "; ".join(reasons),
        )
    ]
