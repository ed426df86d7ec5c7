"""The shape of a case type: what it declares, before any expression of it is compiled.

Expressions of one case type may name things of another (a path through a parent, an event that is
sent), so every shape is made first. A shape gives each thing that can change its bit.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from casewright.bind.places import Where
from casewright.case import COLUMNS, POST_TO
from casewright.spec.models.actions import ACTION_KEYS
from casewright.spec.models.common import Model, one_or_many

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.bind.world import World
    from casewright.feel.tree import Node
    from casewright.spec.pack_set import Spec

STATE_BIT = 1
BUILT_IN_DATA: Mapping[str, tuple[str, ...]] = {
    "create": (),
    "update": (),
    "comment": ("text",),
    "work_note": ("text",),
    "attach": ("name", "uri"),
    "email_sent": ("subject", "text"),
    "email_received": ("subject", "text"),
    "activity": ("activity", "action", "card"),
}
ANNOUNCED = frozenset(
    {"state_changed", "stage_completed", "activity_completed", "clock_completed", "clock_breached"}
)
ENGINE_EVENTS = ANNOUNCED | {
    "timer",
    "recalculate",
    "adopt",
    "child_changed",
    "parent_changed",
    "observe",
}
SCOPE_WORDS = frozenset(
    {
        *COLUMNS,
        "case",
        "previous",
        "event",
        "actor",
        "now",
        "settings",
        "sla",
        "playbook",
        "records",
        "clocks",
        "recent_events",
    }
    - {"number"}
)
FEEL_WORDS = frozenset(
    {
        "and", "or", "not", "if", "then", "else", "for", "in", "return", "some", "every",
        "satisfies", "between", "instance", "of", "function", "external", "true", "false", "null",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class RelatedShape:
    """One related list: the case types of its items, and their field that points here."""

    name: str
    of: str
    by: str
    bit: int


@dataclass(frozen=True, slots=True, eq=False)
class ClockShape:
    """One declared clock."""

    name: str
    model: Any
    where: Where
    bit: int


@dataclass(slots=True, eq=False)
class Shape:
    """What one case type declares.

    Attributes:
        name: qualified.
        lineage: the case type and those that it extends, nearest first, qualified.
        attached: specs by kind that are ``for`` it or an ancestor, in pack and file order.
        event_data: declared data by event type.
        service_playbooks: specs of playbooks that services name, by service.
        sent: event types that some spec raises or sends.
        expressions: every expression that was compiled for it: where, at which offset, its tree.
    """

    name: str
    spec: Spec
    lineage: tuple[str, ...]
    fields: dict[str, FieldDefinition] = field(default_factory=dict)
    flow_spec: Spec | None = None
    playbook_spec: Spec | None = None
    service_playbooks: dict[str, Spec] = field(default_factory=dict)
    attached: dict[str, list[Spec]] = field(default_factory=dict)
    clocks: dict[str, ClockShape] = field(default_factory=dict)
    related: dict[str, RelatedShape] = field(default_factory=dict)
    states: dict[str, Any] = field(default_factory=dict)
    event_data: dict[str, dict[str, FieldDefinition]] = field(default_factory=dict)
    event_types: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    journal_bits: dict[str, int] = field(default_factory=dict)
    expressions: list[tuple[Where, int, Node]] = field(
        default_factory=list["tuple[Where, int, Node]"]
    )
    playbook_bit: int = 0
    recent_bit: int = 0
    next_bit: int = STATE_BIT << 1

    @property
    def where(self) -> Where:
        """Return the place of the whole case type."""
        return Where(self.spec, "")

    @property
    def bare(self) -> str:
        """Return the name without its pack."""
        return self.name.rpartition(".")[2]

    def take_bit(self) -> int:
        """Return a bit that nothing has yet."""
        bit = self.next_bit
        self.next_bit <<= 1
        return bit

    def knows_event(self, event_type: str) -> bool:
        """Return True if an event of this type can be handled in a step of such a case."""
        return (
            event_type in BUILT_IN_DATA
            or event_type in ENGINE_EVENTS
            or event_type in self.event_types
        )


def shapes(world: World) -> dict[str, Shape]:
    """Return the shape of every case type, by qualified name."""
    made = {
        spec.qualified: Shape(spec.qualified, spec, _lineage(world, spec))
        for spec in world.packs.all("case_type")
    }
    for shape in made.values():
        _attach(world, shape)
        _declare_fields(world, shape)
        _declare_flow(world, shape)
        _declare_rest(world, shape)
    _spread_sends(world, made)
    return made


def _lineage(world: World, spec: Spec) -> tuple[str, ...]:
    names = [spec.qualified]
    while spec.model.extends is not None:
        parent = world.seek("case_type", spec.model.extends, Where(spec, "/extends"))
        if parent is None or parent.qualified in names:
            break
        names.append(parent.qualified)
        spec = parent
    return tuple(names)


ATTACHABLE = (
    "roles",
    "sla_definitions",
    "rules",
    "notification_map",
    "topic_map",
    "views",
    "templates",
)


def _attach(world: World, shape: Shape) -> None:
    for kind in ATTACHABLE:
        for spec in world.packs.all(kind):
            names = one_or_many(spec.model.for_)
            for name in names:
                found = world.seek("case_type", name, Where(spec, "/for"))
                if found is not None and found.qualified in shape.lineage:
                    shape.attached.setdefault(kind, []).append(spec)
                    break


def check_attachments(world: World) -> None:
    """Report every ``for`` that names no case type (or, of views, no record type)."""
    for kind in ATTACHABLE:
        for spec in world.packs.all(kind):
            where = Where(spec, "/for")
            for name in one_or_many(spec.model.for_):
                if world.seek("case_type", name, where) is not None:
                    continue
                if kind == "views" and world.seek("records", name, where) is not None:
                    continue
                world.unknown(
                    "CW221",
                    where,
                    "case type",
                    name,
                    world.packs.candidates("case_type", spec.pack),
                )
    for spec in world.packs.all("rules"):
        if spec.model.rules and spec.model.for_ is None:
            world.report(
                "CW704",
                Where(spec, "/rules"),
                f'the rules of "{spec.name}" are for no case type, so none of them ever fires',
                "for: the case types that they hold for",
                key=True,
            )


def _declare_fields(world: World, shape: Shape) -> None:
    for name, model in shape.spec.model.fields.items():
        where = Where(shape.spec, "/fields") / name
        if _is_reserved(world, name, "a field", where):
            continue
        shape.fields[name] = world.field(name, model, where, shape.take_bit())
        if model.type == "journal" and name not in POST_TO:
            world.report(
                "CW230", where, f'a journal is named comments or work_notes, not "{name}"', key=True
            )
    for name in POST_TO:
        declared = shape.fields.get(name)
        shape.journal_bits[name] = shape.take_bit() if declared is None else declared.bit
    for name, definition in shape.fields.items():
        if definition.depends_on is not None and definition.depends_on not in shape.fields:
            where = Where(shape.spec, f"/fields/{name}/depends_on")
            world.unknown("CW222", where, "field", definition.depends_on, shape.fields)
        if definition.kind == "choice" and definition.depends_on is not None:
            shape.fields[name] = _branched(shape, definition)


def _is_reserved(world: World, name: str, what: str, where: Where) -> bool:
    """Return True, and report it, if a name means something else in every expression."""
    if name not in SCOPE_WORDS and name not in FEEL_WORDS:
        return False
    word = "a word of FEEL" if name in FEEL_WORDS else "a word of the scope"
    message = f'"{name}" cannot name {what}: it is {word}'
    world.report("CW229", where, message, "choose another name", key=True)
    return True


def _branched(shape: Shape, definition: FieldDefinition) -> FieldDefinition:
    """Return the definition with the keys of its branches typed like the field they depend on."""
    other = shape.fields.get(definition.depends_on or "")
    if other is None or not other.choices or not all(isinstance(c, int) for c in other.choices):
        return definition
    branches = {
        int(key) if str(key).lstrip("-").isdigit() else key: values
        for key, values in definition.branches.items()
    }
    return replace(definition, branches=branches)


def _declare_flow(world: World, shape: Shape) -> None:
    name = shape.spec.model.state_flow
    if name is None:
        world.report(
            "CW231",
            shape.where,
            f'case type "{shape.bare}" has no `state_flow`',
            "name one, or extend a case type that has one",
        )
        return
    shape.flow_spec = world.find("state_flow", name, shape.where / "state_flow")
    if shape.flow_spec is None:
        return
    model = shape.flow_spec.model
    shape.states = dict(model.states)
    for row_name, row in model.transitions.items():
        events = one_or_many(row.on) or (row_name,)
        shape.event_types.update(events)
        for data_name, data in row.data.items():
            where = Where(shape.flow_spec, "/transitions") / row_name / "data" / data_name
            definition = world.field(data_name, data, where)
            for event in events:
                known = shape.event_data.setdefault(event, {})
                other = known.get(data_name)
                if other is not None and other.kind != definition.kind:
                    world.report(
                        "CW401",
                        where,
                        f'"{data_name}" of event "{event}" is {definition.kind} here and '
                        f"{other.kind} elsewhere",
                        key=True,
                    )
                known[data_name] = definition


def _declare_rest(world: World, shape: Shape) -> None:
    model = shape.spec.model
    for spec in shape.attached.get("sla_definitions", ()):
        for name, clock in spec.model.slas.items():
            where = Where(spec, "/slas") / name
            if name in shape.clocks:
                world.report("CW502", where, f'a second clock is named "{name}"', key=True)
                continue
            shape.clocks[name] = ClockShape(name, clock, where, shape.take_bit())
    _declare_playbooks(world, shape)
    shape.recent_bit = shape.take_bit()
    for name, related in model.related.items():
        where = shape.where / "related" / name
        if _is_reserved(world, name, "a related list", where):
            continue
        found = world.find("case_type", related.of, where / "of")
        if found is not None:
            shape.related[name] = RelatedShape(name, found.qualified, related.by, shape.take_bit())
    for producer_name, producer in model.record_producers.items():
        for name in producer.fields:
            if name not in shape.fields:
                where = shape.where / "record_producers" / producer_name / "fields"
                world.unknown("CW222", where, "field", name, shape.fields)
    _collect_raised(shape)


def _declare_playbooks(world: World, shape: Shape) -> None:
    model = shape.spec.model
    if model.playbook is not None:
        shape.playbook_spec = world.find("playbook", model.playbook, shape.where / "playbook")
    for name, service in model.services.items():
        if service.playbook is not None:
            where = shape.where / "services" / name / "playbook"
            found = world.find("playbook", service.playbook, where)
            if found is not None:
                shape.service_playbooks[name] = found
    if model.playbook is not None or shape.service_playbooks:
        shape.playbook_bit = shape.take_bit()


def _collect_raised(shape: Shape) -> None:
    """Note every event that a spec of the case type raises on it, and those that answer calls."""
    for spec in _speaking(shape):
        for action in walk_actions(spec.model):
            raised = getattr(action, "raise_", None)
            if raised is not None:
                shape.sent.add(raised if isinstance(raised, str) else raised.event)
            call = getattr(action, "call", None)
            if call is not None:
                shape.sent.update(event for event in (call.result, call.error) if event is not None)
            send = getattr(action, "send", None)
            if send is not None and send.else_ is not None:
                shape.sent.add(send.else_)
    producers = shape.spec.model.record_producers.values()
    shape.event_types.update(producer.then for producer in producers if producer.then is not None)


def _spread_sends(world: World, made: dict[str, Shape]) -> None:
    """Note at every case type the events that specs of others, and correlations, may send to it."""
    models: list[Any] = [spec.model for shape in made.values() for spec in _speaking(shape)]
    models.extend(spec.model.correlations for spec in world.packs.all("rules"))
    sent: set[str] = set()
    for model in models:
        for action in walk_actions(model):
            send = getattr(action, "send", None)
            if send is not None:
                sent.add(send.event)
    for shape in made.values():
        shape.sent.update(sent & shape.event_types)


def _speaking(shape: Shape) -> Iterator[Spec]:
    for spec in (shape.flow_spec, shape.playbook_spec, *shape.service_playbooks.values()):
        if spec is not None:
            yield spec
    for kind in ("sla_definitions", "rules"):
        yield from shape.attached.get(kind, ())


_ACTIONS = frozenset(ACTION_KEYS.values())


def walk_actions(model: Any) -> Iterator[Any]:
    """Yield every action model inside a spec model."""
    pending = [model]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple | list):
            pending.extend(cast("list[Any]", item))
        elif isinstance(item, dict):
            pending.extend(cast("dict[str, Any]", item).values())
        elif isinstance(item, Model):
            if type(item) in _ACTIONS:
                yield item
            pending.extend(getattr(item, name) for name in type(item).model_fields)
