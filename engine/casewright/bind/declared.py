"""From a declared field of a spec to its definition: FEEL type, choices, target of a reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.bind.fields import FieldDefinition
from casewright.feel import types as feel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.bind.places import Where
    from casewright.bind.world import World
    from casewright.spec.models.common import FieldDefinition as FieldModel

_TYPES: dict[str, feel.Type] = {
    "string": feel.STRING,
    "text": feel.STRING,
    "template": feel.STRING,
    "integer": feel.NUMBER,
    "number": feel.NUMBER,
    "boolean": feel.BOOLEAN,
    "date": feel.DATE,
    "date_time": feel.DATE_TIME,
    "duration": feel.ANY,
    "map": feel.ANY,
}

JOURNAL_TYPE = feel.ContextType(
    {
        "count": feel.Member(feel.NUMBER, "{}.count"),
        "last": feel.Member(
            feel.ContextType(
                {
                    "text": feel.Member(feel.STRING, "{}.text"),
                    "by": feel.Member(feel.STRING, "{}.by"),
                    "roles": feel.Member(feel.ListType(feel.STRING), "list({}.roles)"),
                    "at": feel.Member(feel.DATE_TIME, "{}.at"),
                },
                name="entry",
            ),
            "{}",
        ),
    },
    name="journal",
)
ATTACHMENT_TYPE = feel.ContextType(
    {"name": feel.Member(feel.STRING), "uri": feel.Member(feel.STRING)},
    closed=False,
    name="attachment",
)


def declared_field(
    world: World, name: str, model: FieldModel, where: Where, bit: int = 0
) -> FieldDefinition:
    """Return the definition of a declared field, without its expressions."""
    choices, branches = _choices(world, model, where)
    target, is_case = _target(world, model, where)
    kind = _type(world, name, model, choices, target, is_case=is_case)
    return FieldDefinition(
        name,
        model.type,
        feel.ListType(kind) if model.many else kind,
        title=model.title or name.replace("_", " ").capitalize(),
        bit=bit,
        many=model.many,
        target=target,
        target_is_case=is_case,
        choices=choices,
        depends_on=model.depends_on,
        branches=branches,
        required=model.required,
        set_once=model.set_once,
        max_length=model.max_length,
        minimum=model.minimum,
        maximum=model.maximum,
        indexed=model.indexed,
        read=None if model.read is None else frozenset(model.read),
        write=None if model.write is None else frozenset(model.write),
    )


def _choices(
    world: World, model: FieldModel, where: Where
) -> tuple[dict[Any, str], dict[Any, tuple[Any, ...]]]:
    if model.type != "choice":
        return {}, {}
    if not model.choices:
        cure = "a list, or `value: label` for each: choices: {low: Low, high: High}"
        world.report("CW227", where, "a choice needs `choices`", cure, key=True)
        return {}, {}
    if model.depends_on is None:
        return _labels(model.choices), {}
    branches: dict[Any, tuple[Any, ...]] = {}
    labels: dict[Any, str] = {}
    for value, choices in model.choices.items() if isinstance(model.choices, dict) else ():
        some = _labels(choices)
        branches[value] = tuple(some)
        labels.update(some)
    return labels, branches


def _target(world: World, model: FieldModel, where: Where) -> tuple[str | None, bool]:
    if model.type != "reference":
        return None, False
    if model.to is None:
        world.report("CW228", where, "a reference needs `to`, a record type or case type", key=True)
        return None, False
    place = where / "to"
    spec = world.seek("records", model.to, place) or world.seek("case_type", model.to, place)
    if spec is None:
        known = {
            *world.packs.candidates("records", place.pack),
            *world.packs.candidates("case_type", place.pack),
        }
        world.unknown("CW221", place, "record type or case type", model.to, known)
        return None, False
    return spec.qualified, spec.kind == "case_type"


def _type(
    world: World,
    name: str,
    model: FieldModel,
    choices: dict[Any, str],
    target: str | None,
    *,
    is_case: bool,
) -> feel.Type:
    match model.type:
        case "choice":
            return (
                feel.NUMBER if choices and all(isinstance(c, int) for c in choices) else feel.STRING
            )
        case "journal":
            return JOURNAL_TYPE
        case "attachment":
            return ATTACHMENT_TYPE
        case "reference" if target is not None and is_case:
            return feel.ReferenceType(
                target=target,
                members=lambda: world.case_members[target](),
                follow=f"s.parent({name!r}, {{}})",
            )
        case "reference" if target is not None:
            return reference_type(world, target)
        case "reference":
            return feel.STRING
        case other:
            return _TYPES[other]


def reference_type(world: World, target: str) -> feel.ReferenceType:
    """Return the type of references to a record type."""
    return feel.ReferenceType(
        target=target,
        members=lambda: record_members(world, target),
        follow=f"s.follow({target!r}, {{}})",
    )


def record_members(world: World, target: str) -> Mapping[str, feel.Member]:
    """Return the properties of a record type's records."""
    return {
        name: feel.Member(definition.type)
        for name, definition in world.record_types[target].fields.items()
    }


def record_set_type(world: World, target: str) -> feel.RecordSetType:
    """Return the type of ``records.<name>``."""
    record_type = world.record_types[target]
    return feel.RecordSetType(
        target,
        item=feel.ContextType(record_members(world, target), name=target),
        indexed=frozenset(n for n, d in record_type.fields.items() if d.indexed or n == "id"),
        select=f"s.select({target!r}, {{field!r}}, {{}})",
    )


def _labels(choices: Any) -> dict[Any, str]:
    given: dict[Any, Any] = {}
    if isinstance(choices, dict):
        given.update(choices)  # pyright: ignore[reportUnknownArgumentType]  of Any
    else:
        given.update((choice, choice) for choice in choices)
    pairs = [(value, str(label)) for value, label in given.items()]
    if all(isinstance(v, int) or str(v).lstrip("-").isdigit() for v, _ in pairs):
        return {int(value): label for value, label in pairs}
    return {str(value): label for value, label in pairs}
